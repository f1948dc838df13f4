import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from './faults.ts'
import { type NpmPackage, tarballFile } from './npm-package.ts'

type Integrity = 'right' | 'wrong'

interface Packument {
  readonly name: string
  readonly 'dist-tags': Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, object>>
  readonly time: Readonly<Record<string, string>> & { readonly modified: string }
}

const predicateType = 'https://slsa.dev/provenance/v1'
const abbreviatedType = 'application/vnd.npm.install-v1+json'

/** Source: npm/registry documentation, "package-metadata": what an abbreviated manifest keeps. */
const abbreviatedFields = new Set(
  (
    'name version deprecated dependencies optionalDependencies devDependencies bundleDependencies peerDependencies ' +
    'peerDependenciesMeta bin directories dist engines cpu os libc funding _hasShrinkwrap hasInstallScript'
  ).split(' '),
)

/** The npm half of an upstream: packages in memory, answered as a public registry does. */
export class UpstreamNpm {
  readonly #base: string
  readonly #packages = new Map<string, NpmPackage[]>()
  readonly #signatures = new Map<string, string>()
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

  constructor(base: string) {
    this.#base = base
  }

  add(made: NpmPackage): void {
    const others = (this.#packages.get(made.name) ?? []).filter(({ version }) => version !== made.version)
    this.#packages.set(made.name, [...others, made])
  }

  version(name: string, version: string): NpmPackage {
    const found = this.#packages.get(name)?.find((made) => made.version === version)
    if (!found) throw new Error(`the upstream has no ${name}@${version}`)
    return found
  }

  answer(path: string, headers: IncomingHttpHeaders, integrity: Integrity): Answer {
    if (path === '/') return json({ db_name: 'upstream' })
    if (path === '/-/npm/v1/security/advisories/bulk') return json(this.#advisories())
    if (path === '/-/npm/v1/keys') return json({ keys: [this.#publicKey()] })
    if (path.startsWith('/-/npm/v1/attestations/')) return json({ attestations: [{ predicateType, bundle: { path } }] })
    const tarball = /^\/(.+)\/-\/([^/]+)$/.exec(path)
    if (tarball) return this.#tarball(tarball[1] ?? '', tarball[2] ?? '')
    const versions = this.#packages.get(path.slice(1))
    return versions ? this.#packument(versions, headers, integrity) : notFound()
  }

  #tarball(name: string, file: string): Answer {
    const made = this.#packages.get(name)?.find(({ version }) => tarballFile(name, version) === file)
    if (!made) return notFound()
    const headers = { 'content-type': 'application/octet-stream', etag: `"${made.digests.shasum}"` }
    return { status: 200, headers, body: made.open(), sizeBytes: made.digests.sizeBytes }
  }

  #packument(versions: readonly NpmPackage[], asked: IncomingHttpHeaders, integrity: Integrity): Answer {
    const abbreviated = asked.accept?.includes(abbreviatedType) ?? false
    const full = this.#document(versions, integrity)
    const answer = json(abbreviated ? abbreviate(full) : full)
    const etag = `"${createHash('md5')
      .update(answer.body as Buffer)
      .digest('hex')}"`
    const headers = {
      'content-type': abbreviated ? abbreviatedType : 'application/json',
      'cache-control': 'public, max-age=300',
      'last-modified': new Date(full.time.modified).toUTCString(),
      etag,
    }
    const isUnchanged = asked['if-none-match'] === etag
    return isUnchanged ? { status: 304, headers, body: Buffer.alloc(0), sizeBytes: 0 } : { ...answer, headers }
  }

  #document(versions: readonly NpmPackage[], integrity: Integrity): Packument & Record<string, unknown> {
    const name = versions[0]?.name ?? ''
    const times = versions.map(({ publishedAt }) => publishedAt.toISOString()).sort()
    return {
      _id: name,
      _rev: `${versions.length}-0`,
      name,
      'dist-tags': Object.fromEntries(versions.map(({ tag, version }) => [tag, version])),
      versions: Object.fromEntries(versions.map((made) => [made.version, this.#manifest(made, integrity)])),
      time: {
        created: times[0] ?? '',
        modified: times.at(-1) ?? '',
        ...Object.fromEntries(versions.map(({ version, publishedAt }) => [version, publishedAt.toISOString()])),
      },
      maintainers: [{ name: 'somebody', email: 'somebody@example.com' }],
      readme: `# ${name}`,
    }
  }

  #manifest(made: NpmPackage, integrity: Integrity) {
    const { name, version, digests } = made
    const lie = { integrity: `sha512-${Buffer.alloc(64).toString('base64')}`, shasum: '0'.repeat(40) }
    const dist = {
      tarball: `${this.#base}${name}/-/${tarballFile(name, version)}`,
      integrity: digests.integrity,
      shasum: digests.shasum,
      ...(integrity === 'wrong' && lie),
      ...(made.manifest.attested === true && {
        attestations: { url: `${this.#base}-/npm/v1/attestations/${name}@${version}`, provenance: { predicateType } },
      }),
      signatures: [{ keyid: this.#publicKey().keyid, sig: this.#sign(`${name}@${version}:${digests.integrity}`) }],
    }
    return { ...made.manifest, _id: `${name}@${version}`, dist }
  }

  /** Once for each text: such a signature differs every time, and the document must not. */
  #sign(text: string): string {
    const signature =
      this.#signatures.get(text) ?? sign('sha256', Buffer.from(text), this.#key.privateKey).toString('base64')
    this.#signatures.set(text, signature)
    return signature
  }

  #publicKey() {
    const der = this.#key.publicKey.export({ type: 'spki', format: 'der' })
    const keyid = `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`
    const scheme = 'ecdsa-sha2-nistp256'
    return { expires: null, keyid, keytype: scheme, scheme, key: der.toString('base64') }
  }

  /** Every package whose manifest says `vulnerable`, whatever was asked for. */
  #advisories() {
    const vulnerable = [...this.#packages.values()].flat().filter(({ manifest }) => manifest.vulnerable === true)
    const advisory = { id: 1, url: 'https://example.com/advisory', severity: 'high', vulnerable_versions: '*' }
    return Object.fromEntries(vulnerable.map(({ name }) => [name, [{ ...advisory, title: `A hole in ${name}` }]]))
  }
}

function abbreviate(full: Packument): object {
  const versions = Object.entries(full.versions).map(([version, manifest]) => [
    version,
    Object.fromEntries(Object.entries(manifest).filter(([field]) => abbreviatedFields.has(field))),
  ])
  return {
    name: full.name,
    modified: full.time.modified,
    'dist-tags': full['dist-tags'],
    versions: Object.fromEntries(versions) as object,
  }
}

function json(value: unknown): Answer {
  const body = Buffer.from(JSON.stringify(value))
  return { status: 200, headers: { 'content-type': 'application/json' }, body, sizeBytes: body.length }
}

function notFound(): Answer {
  return { ...json({ error: 'Not found' }), status: 404 }
}
