import type { Selectable } from 'kysely'
import type { TokenTable } from '../storage/metadata/identity-schema.ts'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { identityScope } from '../storage/metadata/scopes.ts'

/** A package token as a list shows it. */
export interface ListedToken {
  readonly tokenId: string
  readonly domain: string
  readonly owner: string
  readonly principalArn: string
  readonly accessKeyId: string
  /** ms since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly isRevoked: boolean
}

/** Which tokens are meant; every member narrows. */
export interface TokenFilter {
  readonly tokenId?: string | undefined
  /** Users, roles and sessions by their ARN; a role's ARN does not name its sessions. */
  readonly principalArn?: string | undefined
  readonly accessKeyId?: string | undefined
  readonly domain?: string | undefined
  readonly accountId?: string | undefined
}

/** Tokens that have not ended, latest first. */
export async function listTokens(
  { db }: Pick<Metadata, 'db'>,
  filter: TokenFilter,
  now: number,
): Promise<ListedToken[]> {
  return (await selectTokens(db, filter, now).execute()).map(toListed)
}

/** A part of a list. */
export interface TokenPage {
  readonly items: readonly ListedToken[]
  /** Where the next page begins; undefined on the last. */
  readonly next: readonly [issuedAt: number, tokenId: string] | undefined
}

/** An account's tokens that have not ended, latest first, in pages of `size`. */
export async function listTokenPage(
  { db }: Pick<Metadata, 'db'>,
  filter: TokenFilter & { readonly accountId: string },
  now: number,
  { size, after }: { readonly size: number; readonly after?: readonly (string | number)[] },
): Promise<TokenPage> {
  const rows = await selectTokens(db, filter, now)
    .$if(after !== undefined, (query) => {
      const [issuedAt = 0, tokenId = ''] = after ?? []
      return query.where((eb) =>
        eb.or([
          eb('issued_at', '<', Number(issuedAt)),
          eb.and([eb('issued_at', '=', Number(issuedAt)), eb('token_id', '<', String(tokenId))]),
        ]),
      )
    })
    .limit(size + 1)
    .execute()
  const items = rows.slice(0, size).map(toListed)
  const last = items.at(-1)
  return { items, next: rows.length > size && last ? [last.issuedAt, last.tokenId] : undefined }
}

function selectTokens(db: Metadata['db'], filter: TokenFilter, now: number) {
  return db
    .selectFrom('tokens')
    .selectAll()
    .where('expires_at', '>', now)
    .$if(filter.tokenId !== undefined, (query) => query.where('token_id', '=', filter.tokenId ?? ''))
    .$if(filter.principalArn !== undefined, (query) => query.where('principal_arn', '=', filter.principalArn ?? ''))
    .$if(filter.accessKeyId !== undefined, (query) => query.where('access_key_id', '=', filter.accessKeyId ?? ''))
    .$if(filter.domain !== undefined, (query) => query.where('domain', '=', filter.domain ?? ''))
    .$if(filter.accountId !== undefined, (query) => query.where('account_id', '=', filter.accountId ?? ''))
    .orderBy('issued_at', 'desc')
    .orderBy('token_id', 'desc')
}

function toListed(row: Selectable<TokenTable>): ListedToken {
  return {
    tokenId: row.token_id,
    domain: row.domain,
    owner: row.owner,
    principalArn: row.principal_arn,
    accessKeyId: row.access_key_id,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    isRevoked: row.revoked_at !== null,
  }
}

/** Takes tokens back, in every process at once. Resolves to those that were good until now. */
export async function revokeTokens(
  metadata: Metadata,
  filter: TokenFilter,
  now: number,
): Promise<readonly ListedToken[]> {
  const meant = (await listTokens(metadata, filter, now)).filter(({ isRevoked }) => !isRevoked)
  if (meant.length === 0) return []
  await metadata.write(async (write) => {
    for (const { tokenId } of meant) {
      await write.tx.updateTable('tokens').set({ revoked_at: now }).where('token_id', '=', tokenId).execute()
    }
    write.touch(identityScope)
  })
  return meant
}
