import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { useAction } from '../api/use-action.ts'
import { useCaller } from '../api/use-caller.ts'
import type { PolicySubject } from './policy-subject.ts'
import { simulate, type Simulation } from './simulate.ts'

interface WhoMayProps {
  readonly subject: PolicySubject
}

/** Asks for one user or role and one action what their own policies say, and which of them says it. */
export function WhoMay({ subject }: WhoMayProps) {
  const { principal } = useCaller()
  const [principalArn, setPrincipalArn] = useState(principal.arn)
  const [action, setAction] = useState('codeartifact:ReadFromRepository')
  const [result, setResult] = useState<Simulation>()
  const { isBusy, run } = useAction()
  const ask = () => {
    return run('It could not be found out who may do this', async (client) => {
      setResult(await simulate(client, { principalArn, action, resource: subject.arn }))
    })
  }
  return (
    <Container
      header={
        <Header description="By the user’s or role’s own policies; what the policy above says comes beside them.">
          Who may do what
        </Header>
      }
    >
      <SpaceBetween size="m">
        <FormField label="User or role (ARN)">
          <Input value={principalArn} onChange={({ detail }) => setPrincipalArn(detail.value)} />
        </FormField>
        <FormField label="Action">
          <Input value={action} onChange={({ detail }) => setAction(detail.value)} />
        </FormField>
        <Button loading={isBusy} disabled={principalArn === '' || action === ''} onClick={() => void ask()}>
          Explain
        </Button>
        <div aria-live="polite">{result ? <Outcome result={result} /> : null}</div>
      </SpaceBetween>
    </Container>
  )
}

function Outcome({ result: { decision, statements } }: { readonly result: Simulation }) {
  return (
    <>
      <StatusIndicator type={decision === 'allowed' ? 'success' : 'error'}>{decisionTexts[decision]}</StatusIndicator>
      <ul>
        {statements.map((statement) => (
          <li key={statement}>{statement}</li>
        ))}
      </ul>
    </>
  )
}

const decisionTexts: Readonly<Record<Simulation['decision'], string>> = {
  allowed: 'Allowed, by:',
  explicitDeny: 'Denied, by:',
  implicitDeny: 'None of their own policies allows it.',
}
