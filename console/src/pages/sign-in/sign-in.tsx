import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Form from '@cloudscape-design/components/form'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type SubmitEvent, useState } from 'react'
import { type Caller, signIn } from '../../api/session.ts'
import { ThemeButton } from '../../frame/frame.tsx'
import { Failure } from '../../frame/notices.tsx'
import { base } from '../../routing/match.ts'
import { Providers } from './providers.tsx'
import './sign-in.css'

/** Asks for an access key. The address stays as it is, so that one arrives where one wanted to go. */
export default function SignIn({ onSignedIn }: { readonly onSignedIn: (caller: Caller) => void }) {
  const [accessKeyId, setAccessKeyId] = useState('')
  const [secretAccessKey, setSecretAccessKey] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    signIn(accessKeyId.trim(), secretAccessKey.trim())
      .then(onSignedIn, setFailure)
      .finally(() => setBusy(false))
  }
  const { pathname, search } = window.location
  const refusal = new URLSearchParams(search).get('error')
  return (
    <main className="sign-in">
      <form onSubmit={submit} autoComplete="on">
        <Form
          header={
            <Header variant="h1" description="With an access key of a user of this server.">
              Sign in to Packyard
            </Header>
          }
          actions={
            <Button variant="primary" loading={isBusy} formAction="submit">
              Sign in
            </Button>
          }
        >
          <Container>
            <SpaceBetween size="l">
              <Refusal failure={failure} refusal={refusal} />
              <FormField label="Access key id">
                <Input
                  value={accessKeyId}
                  name="username"
                  autoComplete="username"
                  spellcheck={false}
                  onChange={({ detail }) => setAccessKeyId(detail.value)}
                />
              </FormField>
              <FormField
                label="Secret access key"
                description="It is sent once, to this server. The first start wrote a key into packyard-data/credentials."
              >
                <Input
                  type="password"
                  value={secretAccessKey}
                  name="password"
                  autoComplete="current-password"
                  onChange={({ detail }) => setSecretAccessKey(detail.value)}
                />
              </FormField>
              <Providers returnTo={refusal === null ? pathname + search : `${base}/`} />
            </SpaceBetween>
          </Container>
        </Form>
      </form>
      <footer>
        <ThemeButton />
      </footer>
    </main>
  )
}

interface RefusalProps {
  /** What signing in with a key threw. */
  readonly failure: unknown
  /** Why an identity provider's answer was not accepted, in a word. */
  readonly refusal: string | null
}

function Refusal({ failure, refusal }: RefusalProps) {
  if (failure === undefined && refusal === null) return null
  return (
    <Alert type="error" header="You are not signed in">
      {failure === undefined ? (
        `The identity provider’s answer was not accepted (${refusal}). Try again, or ask your administrator.`
      ) : (
        <Failure thrown={failure} />
      )}
    </Alert>
  )
}
