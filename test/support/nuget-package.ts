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

/** The beginning of a portable PDB, with its stream `#Pdb` behind another one. Source: ECMA-335, II.24.2. */
export function makePdb(guid: Buffer): Buffer {
  const version = Buffer.from('PDB v1.0\0\0\0\0')
  const head = Buffer.alloc(16)
  head.write('BSJB', 'latin1')
  head.writeUInt16LE(1, 4)
  head.writeUInt16LE(1, 6)
  head.writeUInt32LE(version.length, 12)
  const flags = Buffer.from([0, 0, 2, 0])
  const at = head.length + version.length + flags.length + (8 + 12) + (8 + 8)
  const streams = [pdbStream('#Strings\0\0\0\0', at, 4), pdbStream('#Pdb\0\0\0\0', at + 4, 32)]
  return Buffer.concat([head, version, flags, ...streams, Buffer.alloc(4), guid, Buffer.alloc(16)])
}

function pdbStream(name: string, offset: number, size: number): Buffer {
  const numbers = Buffer.alloc(8)
  numbers.writeUInt32LE(offset, 0)
  numbers.writeUInt32LE(size, 4)
  return Buffer.concat([numbers, Buffer.from(name, 'latin1')])
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
