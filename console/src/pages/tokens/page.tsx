import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { packyardArn } from '../../api/arns.ts'
import { useAction } from '../../api/use-action.ts'
import { useCaller } from '../../api/use-caller.ts'
import { usePages } from '../../api/use-pages.ts'
import { useNotices } from '../../frame/notices.tsx'
import { PermittedButton } from '../../permissions/permitted-button.tsx'
import { ConfirmDialog } from '../../widgets/confirm-dialog.tsx'
import { PagedTable } from '../../widgets/paged-table.tsx'
import { renderIsoTime } from '../../widgets/texts.ts'

interface Token {
  readonly tokenId: string
  readonly domain: string
  readonly principalArn: string
  readonly accessKeyId: string
  /** ISO 8601, as `expiresAt`. */
  readonly issuedAt: string
  readonly expiresAt: string
  readonly isRevoked: boolean
}

interface TokenPage {
  readonly tokens: readonly Token[]
  readonly nextToken?: string
}

/** The package tokens that are in somebody's settings now, and taking one back. */
export default function TokensPage() {
  const caller = useCaller()
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const [revoking, setRevoking] = useState<Token>()
  const pages = usePages('tokens', async (client, nextToken, signal) => {
    const found = await client.packyard<TokenPage>('GET /tokens', { maxResults: 50, nextToken }, signal)
    return { items: found.tokens, nextToken: found.nextToken }
  })
  const revoke = async ({ tokenId, principalArn }: Token) => {
    const isDone = await run('The token was not revoked', (client) => client.packyard(`DELETE /tokens/${tokenId}`))
    setRevoking(undefined)
    if (!isDone) return
    notices.succeed(`A token of ${principalArn} was revoked, and is refused from now on`)
    pages.reload()
  }
  return (
    <>
      <PagedTable
        what="tokens"
        pages={pages}
        header={
          <Header variant="h1" description="What package managers log in with; each ends by itself after some hours.">
            Tokens
          </Header>
        }
        columnDefinitions={[
          { id: 'who', header: 'Whose', isRowHeader: true, cell: ({ principalArn }: Token) => principalArn },
          { id: 'domain', header: 'Domain', cell: ({ domain }) => domain },
          { id: 'issued', header: 'Issued', cell: ({ issuedAt }) => renderIsoTime(issuedAt) },
          { id: 'ends', header: 'Ends', cell: ({ expiresAt }) => renderIsoTime(expiresAt) },
          { id: 'key', header: 'Access key', cell: ({ accessKeyId }) => accessKeyId },
          {
            id: 'revoke',
            header: 'Revoke',
            cell: (token) =>
              token.isRevoked ? (
                <StatusIndicator type="stopped">Revoked</StatusIndicator>
              ) : (
                <PermittedButton
                  variant="inline-link"
                  action="packyard:RevokeToken"
                  resource={packyardArn(caller, `token/${token.tokenId}`)}
                  ariaLabel={`Revoke the token of ${token.principalArn} for ${token.domain}`}
                  onClick={() => setRevoking(token)}
                >
                  Revoke
                </PermittedButton>
              ),
          },
        ]}
      />
      {revoking === undefined ? null : (
        <ConfirmDialog
          title="Revoke the token"
          verb="Revoke"
          isBusy={isBusy}
          onConfirm={() => void revoke(revoking)}
          onDismiss={() => setRevoking(undefined)}
        >
          Whoever uses this token of {revoking.principalArn} is refused at once, and has to log in again.
        </ConfirmDialog>
      )}
    </>
  )
}
