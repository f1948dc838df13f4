import type { Route } from '../format.ts'
import { read } from './reads.ts'
import { write } from './writes.ts'

/** A tree of files: one route to read it, with `HEAD`, and one to write. */
export const mavenRoutes: readonly Route[] = [
  { method: 'GET', path: '/:path*', handle: read },
  { method: 'PUT', path: '/:path*', handle: write },
]
