import { packZip, type ZipEntry } from './zip-archive.ts'

/** What a package is made from; a text is `id@version`. */
export interface NugetInput {
  readonly id: string
  readonly version: string
  /** Lines of the nuspec's metadata, beside those that every package has. */
  readonly metadata?: readonly string[]
  /** By id; all for any framework. */
  readonly dependencies?: Readonly<Record<string, string>>
  readonly files?: readonly ZipEntry[]
  /** Instead of the one that is made from all this. */
  readonly nuspec?: string
}

export interface NugetPackage extends NugetInput {
  readonly bytes: Buffer
  readonly nuspec: string
}

export function toNugetInput(input: NugetInput | string): NugetInput {
  if (typeof input !== 'string') return input
  const [id = '', version = ''] = input.split('@')
  return { id, version }
}

/** A package that NuGet can install into any project, and that has nothing in it. The same input gives the same bytes. */
export function makeNuget(given: NugetInput | string): NugetPackage {
  const input = toNugetInput(given)
  const nuspec = input.nuspec ?? nuspecOf(input)
  const bytes = packZip([
    { path: `${input.id}.nuspec`, content: nuspec },
    { path: 'lib/netstandard2.0/_._', content: '' },
    { path: '[Content_Types].xml', content: contentTypes },
    ...(input.files ?? []),
  ])
  return { ...input, nuspec, bytes }
}

/** Symbols of a package, as `dotnet pack` makes them beside it. */
export function makeSymbols(given: NugetInput | string): Buffer {
  const input = toNugetInput(given)
  const type = '<packageTypes><packageType name="SymbolsPackage" /></packageTypes>'
  const nuspec = nuspecOf({ ...input, metadata: [...(input.metadata ?? []), type] })
  const symbols = { path: `lib/netstandard2.0/${input.id}.pdb`, content: 'symbols' }
  return packZip([{ path: `${input.id}.nuspec`, content: nuspec }, symbols, ...(input.files ?? [])])
}

function nuspecOf({ id, version, metadata = [], dependencies = {} }: NugetInput): string {
  const wanted = Object.entries(dependencies).map(([name, range]) => `<dependency id="${name}" version="${range}" />`)
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>',
    `<id>${id}</id><version>${version}</version><authors>Acme, Co</authors><description>About ${id}</description>`,
    ...metadata,
    ...(wanted.length > 0 ? [`<dependencies>${wanted.join('')}</dependencies>`] : []),
    '</metadata></package>',
  ].join('\n')
}

const contentTypes =
  '<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' +
  '<Default Extension="nuspec" ContentType="application/octet" /></Types>'
