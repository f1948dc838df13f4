/** The rules of the package model, for one package name, written down as plainly as they can be: nothing is fast here. */

export type Status = 'Published' | 'Unlisted' | 'Archived' | 'Disposed'
export type Mode = 'ALLOW' | 'BLOCK'
/** Of a package group; a list: of those repositories that may. */
export type GroupMode = Mode | readonly number[]

/** Of a copy: only what the source holds, or all that its clients see. */
export type LookIn = 'source' | 'source and upstreams'

export interface ModelVersion {
  status: Status
  readonly origin: 'INTERNAL' | 'EXTERNAL'
  readonly bytes: string
}

interface Record {
  publish: Mode
  upstream: Mode
  isDecided: boolean
  readonly versions: Map<string, ModelVersion>
}

interface Repository {
  upstreams: readonly number[]
  readonly isConnected: boolean
  record: Record | undefined
}

type Holder =
  | { readonly at: number; readonly version: ModelVersion }
  | { readonly at: number; readonly outside: string }

export class NaiveModel {
  readonly repositories: Repository[]
  readonly outside = new Map<string, string>()
  readonly group: { [restriction in 'PUBLISH' | 'INTERNAL_UPSTREAM' | 'EXTERNAL_UPSTREAM']: GroupMode } = {
    PUBLISH: 'ALLOW',
    INTERNAL_UPSTREAM: 'ALLOW',
    EXTERNAL_UPSTREAM: 'ALLOW',
  }
  /** Whether the name only looks like what a group names. */
  isLookAlike = false

  constructor(connected: readonly boolean[]) {
    this.repositories = connected.map((isConnected) => ({ upstreams: [], isConnected, record: undefined }))
  }

  publish(at: number, version: string, bytes: string): 'created' | 'unchanged' | 'conflict' {
    const repository = this.#at(at)
    if (repository.record?.publish === 'BLOCK' || !this.#permits(at, 'PUBLISH')) return 'conflict'
    const own = repository.record?.versions.get(version)
    if (own?.status === 'Archived' || own?.status === 'Disposed') return 'conflict'
    if (own) return own.bytes === bytes ? 'unchanged' : 'conflict'
    if (this.#find(at, version)) return 'conflict'
    this.#recordOf(at, { publish: 'ALLOW', upstream: 'BLOCK' }).versions.set(version, {
      status: 'Published',
      origin: 'INTERNAL',
      bytes,
    })
    return 'created'
  }

  /** The bytes; undefined when there is no such version for a client. */
  fetch(at: number, version: string): string | undefined {
    const found = this.#find(at, version)
    if (!found) return undefined
    if ('outside' in found) {
      for (const keeper of [found.at, at]) {
        this.#retain(keeper, version, fromOutside(found.outside))
      }
      return found.outside
    }
    if (found.version.status !== 'Published' && found.version.status !== 'Unlisted') return undefined
    this.#retain(at, version, { ...found.version })
    return found.version.bytes
  }

  /** What an index shows; undefined when nobody has anything. */
  shown(at: number): string[] | undefined {
    const seen = new Map<string, Status>()
    for (const place of this.#places(at)) {
      const versions: Iterable<[string, Status]> =
        place.look === 'outside'
          ? Array.from(this.outside.keys(), (version): [string, Status] => [version, 'Published'])
          : Array.from(this.#at(place.at).record?.versions ?? [], ([version, one]): [string, Status] => [
              version,
              one.status,
            ])
      for (const [version, status] of versions) if (!seen.has(version)) seen.set(version, status)
    }
    if (seen.size === 0) return undefined
    return [...seen].filter(([, status]) => status === 'Published').map(([version]) => version)
  }

  held(at: number): string[] {
    const versions = [...(this.#at(at).record?.versions ?? [])]
    return versions.map(([version, { status, origin }]) => `${version} ${status} ${origin}`)
  }

  setStatus(at: number, version: string, status: Status): void {
    const one = this.#at(at).record?.versions.get(version)
    if (one && one.status !== 'Disposed') one.status = status
  }

  delete(at: number, version: string): void {
    this.#at(at).record?.versions.delete(version)
  }

  /** What came of it, or why nothing did. */
  copy(from: number, to: number, version: string, lookIn: LookIn, onDifferent: 'refuse' | 'overwrite'): string {
    if (!this.#hasAnything(from, lookIn)) return 'missing'
    const found = lookIn === 'source' ? this.#own(from, version) : this.#find(from, version)
    if (!found) return 'NOT_FOUND'
    if ('outside' in found) this.#retain(found.at, version, fromOutside(found.outside))
    const one = 'outside' in found ? fromOutside(found.outside) : found.version
    if (one.status === 'Disposed') return 'NOT_ALLOWED'
    const standing = this.#at(to).record?.versions.get(version)
    if (standing?.bytes === one.bytes && standing.status !== 'Disposed') return 'unchanged'
    if (standing && onDifferent === 'refuse') return 'ALREADY_EXISTS'
    const publish = one.origin === 'INTERNAL' ? 'ALLOW' : 'BLOCK'
    const upstream = one.origin === 'INTERNAL' ? 'BLOCK' : 'ALLOW'
    this.#recordOf(to, { publish, upstream }).versions.set(version, { ...one })
    return 'copied'
  }

  #hasAnything(at: number, lookIn: LookIn): boolean {
    if (lookIn === 'source') return this.#at(at).record !== undefined
    return this.#places(at).some((place) =>
      place.look === 'outside' ? this.outside.size > 0 : this.#at(place.at).record !== undefined,
    )
  }

  #own(at: number, version: string): Holder | undefined {
    const one = this.#at(at).record?.versions.get(version)
    return one && { at, version: one }
  }

  #permits(at: number, restriction: keyof NaiveModel['group']): boolean {
    const mode = this.group[restriction]
    return !this.isLookAlike && mode !== 'BLOCK' && (mode === 'ALLOW' || mode.includes(at))
  }

  decide(at: number, publish: Mode, upstream: Mode): void {
    Object.assign(this.#recordOf(at, { publish, upstream }), { publish, upstream, isDecided: true })
  }

  #at(index: number): Repository {
    const found = this.repositories[index]
    if (!found) throw new Error(`there is no repository ${index}`)
    return found
  }

  #isOpen(): boolean {
    return Object.values(this.group).every((mode) => mode === 'ALLOW')
  }

  #recordOf(at: number, first: { publish: Mode; upstream: Mode }): Record {
    const open = { publish: 'ALLOW', upstream: 'ALLOW' } as const
    const repository = this.#at(at)
    repository.record ??= { ...(this.#isOpen() ? first : open), isDecided: false, versions: new Map() }
    return repository.record
  }

  #retain(at: number, version: string, one: ModelVersion): void {
    const { versions } = this.#recordOf(at, { publish: 'BLOCK', upstream: 'ALLOW' })
    if (!versions.has(version)) versions.set(version, one)
  }

  #find(at: number, version: string): Holder | undefined {
    for (const place of this.#places(at)) {
      if (place.look === 'outside') {
        const bytes = this.outside.get(version)
        if (bytes !== undefined) return { at: place.at, outside: bytes }
      } else {
        const one = this.#at(place.at).record?.versions.get(version)
        if (one) return { at: place.at, version: one }
      }
    }
    return undefined
  }

  #places(start: number): { at: number; look: 'held' | 'outside' }[] {
    const places: { at: number; look: 'held' | 'outside' }[] = []
    const visited = new Set<number>()
    const visit = (at: number): void => {
      if (visited.has(at)) return
      visited.add(at)
      places.push({ at, look: 'held' })
      const { record, upstreams, isConnected } = this.#at(at)
      if (record?.upstream === 'BLOCK') return
      if (at !== start || this.#permits(at, 'INTERNAL_UPSTREAM')) upstreams.forEach(visit)
      if (isConnected && this.#permits(at, 'EXTERNAL_UPSTREAM')) places.push({ at, look: 'outside' })
    }
    visit(start)
    return this.#isOwned([...visited]) ? places.filter(({ look }) => look === 'held') : places
  }

  #isOwned(visited: readonly number[]): boolean {
    const records = visited.map((at) => this.#at(at).record).filter((record) => record !== undefined)
    if (records.some(({ isDecided, upstream }) => isDecided && upstream === 'ALLOW')) return false
    return records.some(({ publish, upstream, isDecided, versions }) => {
      const origins = new Set(Array.from(versions.values(), ({ origin }) => origin))
      const isOnlyInternal = origins.size === 1 && origins.has('INTERNAL')
      return (publish === 'ALLOW' && upstream === 'BLOCK') || (isOnlyInternal && !isDecided && this.#isOpen())
    })
  }
}

function fromOutside(bytes: string): ModelVersion {
  return { status: 'Published', origin: 'EXTERNAL', bytes }
}
