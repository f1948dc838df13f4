import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Answer } from './faults.ts'
import { makeNuget, type NugetInput, type NugetPackage, toNugetInput } from './nuget-package.ts'

/** Versions per page; pages stand by themselves, as those of large public packages do. */
const PAGE_VERSIONS = 2

/** What the gallery says of a version beside what is in it. */
export interface NugetRemarks {
  readonly listed?: boolean
  readonly published?: string
  readonly deprecation?: object
  readonly vulnerabilities?: readonly object[]
}

/** The NuGet third of an upstream: a gallery below `/gallery/`, whose addresses only its service index tells. */
export class UpstreamNuget {
  /** Address of the service index. */
  readonly url: string
  readonly #base: string
  /** Pages of vulnerabilities by name; no such resource while undefined. */
  vulnerabilities: Readonly<Record<string, object>> | undefined
  readonly #packages = new Map<string, { made: NugetPackage; remarks: NugetRemarks }[]>()

  constructor(base: string) {
    this.#base = `${base}gallery/`
    this.url = `${this.#base}start.json`
  }

  add(input: NugetInput | string, remarks: NugetRemarks = {}): NugetPackage {
    const made = makeNuget(input)
    const key = made.id.toLowerCase()
    this.#packages.set(key, [...(this.#packages.get(key) ?? []), { made, remarks }])
    return made
  }

  /** Says something else of a version from now on. */
  remark(input: string, remarks: NugetRemarks): void {
    const { id, version } = toNugetInput(input)
    const versions = this.#packages.get(id.toLowerCase()) ?? []
    const changed = versions.map((each) => (each.made.version === version ? { ...each, remarks } : each))
    this.#packages.set(id.toLowerCase(), changed)
  }

  /** Undefined for a path that is none of a gallery. */
  answer(path: string, headers: IncomingHttpHeaders): Answer | undefined {
    if (!path.startsWith('/gallery/')) return undefined
    if (path === '/gallery/start.json') return this.#json(this.#serviceIndex(), headers)
    const [, audit] = /^\/gallery\/audit\/(\w+)\.json$/.exec(path) ?? []
    if (audit !== undefined) return this.#audit(audit, headers)
    const [, folder = '', id = '', rest = ''] = /^\/gallery\/(flat|meta|page)\/([^/]+)\/(.+)$/.exec(path) ?? []
    const versions = this.#packages.get(id)
    if (!versions || id !== id.toLowerCase()) return notFound()
    if (folder === 'page') return this.#json(this.#page(id, Number(rest), 'whole'), headers)
    if (folder === 'meta') return rest === 'index.json' ? this.#json(this.#registration(id), headers) : notFound()
    if (rest === 'index.json') return this.#json({ versions: versions.map(({ made }) => keyOf(made)) }, headers)
    return this.#file(rest, versions)
  }

  #serviceIndex(): object {
    const resources = [
      { '@id': `${this.#base}flat`, '@type': 'PackageBaseAddress/3.0.0' },
      { '@id': `${this.#base}old/`, '@type': 'RegistrationsBaseUrl' },
      { '@id': `${this.#base}meta/`, '@type': 'RegistrationsBaseUrl/3.6.0' },
      ...(this.vulnerabilities ? [{ '@id': `${this.#base}audit/index.json`, '@type': 'VulnerabilityInfo/6.7.0' }] : []),
    ]
    return { version: '3.0.0', resources }
  }

  #audit(name: string, headers: IncomingHttpHeaders): Answer {
    const pages = this.vulnerabilities ?? {}
    if (name !== 'index') return pages[name] ? this.#json(pages[name], headers) : notFound()
    const index = Object.entries(pages).map(([page, content]) => ({
      '@name': page,
      '@id': `${this.#base}audit/${page}.json`,
      '@updated': createHash('sha1').update(JSON.stringify(content)).digest('hex'),
    }))
    return this.#json(index, headers)
  }

  #registration(id: string): object {
    const count = Math.ceil((this.#packages.get(id)?.length ?? 0) / PAGE_VERSIONS)
    const items = Array.from({ length: count }, (_, at) => this.#page(id, at, count > 1 ? 'apart' : 'whole'))
    return { '@id': `${this.#base}meta/${id}/index.json`, count, items }
  }

  #page(id: string, at: number, kind: 'whole' | 'apart'): object {
    const versions = (this.#packages.get(id) ?? []).slice(at * PAGE_VERSIONS, (at + 1) * PAGE_VERSIONS)
    const items = versions.map(({ made, remarks }) => ({
      '@id': `${this.#base}meta/${id}/${keyOf(made)}.json`,
      catalogEntry: this.#entry(made, remarks),
      packageContent: `${this.#base}flat/${id}/${keyOf(made)}/${id}.${keyOf(made)}.nupkg`,
    }))
    const stamp = createHash('sha1').update(JSON.stringify(items)).digest('hex')
    const [lower, upper] = [versions[0], versions.at(-1)].map((each) => each && keyOf(each.made))
    const page = { '@id': `${this.#base}page/${id}/${at}`, count: items.length, lower, upper, commitTimeStamp: stamp }
    return kind === 'apart' ? page : { ...page, items }
  }

  #entry({ id, version, dependencies = {} }: NugetPackage, remarks: NugetRemarks): object {
    return {
      id,
      version,
      authors: 'Acme, Co',
      description: `About ${id}`,
      iconUrl: `${this.#base}flat/${id.toLowerCase()}/${version}/icon`,
      projectUrl: 'https://acme.example/',
      tags: ['one', 'two'],
      listed: true,
      published: '2020-02-03T04:05:06.789+00:00',
      dependencyGroups: [
        { dependencies: Object.entries(dependencies).map(([name, range]) => ({ id: name, range: `[${range}, )` })) },
      ],
      ...remarks,
    }
  }

  #file(rest: string, versions: readonly { made: NugetPackage }[]): Answer {
    const [version = '', file = ''] = rest.split('/')
    const found = versions.find(({ made }) => keyOf(made) === version)?.made
    if (!found) return notFound()
    if (file === `${found.id.toLowerCase()}.${version}.nupkg`) return bytes(found.bytes, 'application/octet-stream')
    if (file === `${found.id.toLowerCase()}.nuspec`) return bytes(Buffer.from(found.nuspec), 'application/xml')
    return file === 'icon' ? bytes(Buffer.from('\x89PNG icon', 'latin1'), 'image/png') : notFound()
  }

  /** Always compressed, as the gallery's are. */
  #json(value: object, headers: IncomingHttpHeaders): Answer {
    const text = Buffer.from(JSON.stringify(value))
    const etag = `"${createHash('sha1').update(text).digest('hex')}"`
    const answer = bytes(gzipSync(text), 'application/json')
    const tagged = { ...answer, headers: { ...answer.headers, etag, 'content-encoding': 'gzip' } }
    return headers['if-none-match'] === etag
      ? { status: 304, headers: { etag }, body: Buffer.alloc(0), sizeBytes: 0 }
      : tagged
  }
}

function keyOf({ version }: NugetPackage): string {
  return version.replace(/\+.*$/, '').toLowerCase()
}

function bytes(body: Buffer, type: string): Answer {
  return { status: 200, headers: { 'content-type': type }, body, sizeBytes: body.length }
}

function notFound(): Answer {
  return { ...bytes(Buffer.from('not found'), 'text/plain'), status: 404 }
}
