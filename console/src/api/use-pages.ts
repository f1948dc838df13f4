import { useState } from 'react'
import type { Client } from './client.ts'
import { type Resource, useResource } from './use-resource.ts'

export interface PageOf<T> {
  readonly items: readonly T[]
  readonly nextToken?: string | undefined
}

/** A list that the server gives page by page, each by the token that came with the one before. */
export interface Pages<T> extends Pick<Resource<PageOf<T>>, 'error' | 'isLoading' | 'reload'> {
  readonly items: readonly T[]
  /** From 1. */
  readonly page: number
  /** How many pages can be gone to; the last of them may have followers that nobody has asked for. */
  readonly pagesKnown: number
  readonly hasMore: boolean
  goTo(page: number): void
}

interface Tokens {
  readonly key: string
  readonly page: number
  /** The token of each page known; of the first there is none. */
  readonly tokens: readonly (string | undefined)[]
}

type LoadPage<T> = (client: Client, nextToken: string | undefined, signal: AbortSignal) => Promise<PageOf<T>>

/** Starts again at the first page whenever `key` changes: it names all that `load` depends on. */
export function usePages<T>(key: string, load: LoadPage<T>): Pages<T> {
  const [visited, setVisited] = useState<Tokens>({ key, page: 1, tokens: [undefined] })
  const { page, tokens } = visited.key === key ? visited : { page: 1, tokens: [undefined] }
  const token = tokens[page - 1]
  const { value, ...resource } = useResource(`${key} ${token ?? ''}`, (client, signal) => load(client, token, signal))
  const next = value?.nextToken
  const known = next === undefined ? tokens.slice(0, page) : [...tokens.slice(0, page), next]
  return {
    ...resource,
    items: value?.items ?? [],
    page,
    pagesKnown: Math.max(known.length, tokens.length),
    hasMore: next !== undefined,
    goTo: (wanted) => setVisited({ key, page: wanted, tokens: known.length > tokens.length ? known : tokens }),
  }
}
