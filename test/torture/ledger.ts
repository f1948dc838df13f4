/** What is known of a version in a repository: `unknown` when the process died before it answered. */
export type Known = 'there' | 'gone' | 'unknown'

export interface Entry {
  /** Of its one asset. */
  readonly sha256: string
  /** The life in which it was last spoken of. */
  life: number
  main: Known
  copies: Known
}

/** One installation that is killed again and again, as those outside of it know it. */
export interface Yard {
  readonly id: number
  /** Everything of it stands in here. */
  readonly folder: string
  /** Below `folder`; a migration moves it on. */
  home: number
  /** How often it has been started. */
  life: number
  readonly versions: Record<string, Entry>
  /** Public packages that somebody was given whole. */
  readonly ingested: string[]
}

/** What a process says of what it does, a line each: at once, so that no kill takes it back. */
export type Told = { readonly yard: number } & (
  | { readonly told: 'loaded' }
  /** Since its process was started, and processor time of all of it. */
  | { readonly told: 'opened'; readonly ms: number; readonly cpuMs: number }
  | { readonly told: 'checked'; readonly versions: number; readonly blobs: number }
  | {
      readonly told: 'version'
      readonly name: string
      readonly in: 'main' | 'copies'
      readonly known: Known
      readonly sha256: string
    }
  | { readonly told: 'migrating' }
  | { readonly told: 'ingested'; readonly name: string }
  | { readonly told: 'moved'; readonly home: number }
  | { readonly told: 'did'; readonly step: Step }
  | { readonly told: 'wrong'; readonly what: string }
)

export type Step = 'publish' | 'ingest' | 'copy' | 'delete' | 'gc' | 'migrate'

export type Say = (told: DistributiveOmit<Told, 'yard'>) => void
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** Takes down what was said of a yard. */
export function note(yard: Yard, told: Told): void {
  switch (told.told) {
    case 'version': {
      const entry = (yard.versions[told.name] ??= { sha256: told.sha256, life: 0, main: 'gone', copies: 'gone' })
      entry[told.in] = told.known
      entry.life = yard.life
      return
    }
    case 'ingested':
      if (!yard.ingested.includes(told.name)) yard.ingested.push(told.name)
      return
    case 'moved':
      yard.home = told.home
      return
    case 'loaded':
    case 'migrating':
    case 'opened':
    case 'checked':
    case 'did':
    case 'wrong':
  }
}
