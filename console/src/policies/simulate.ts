import type { Client } from '../api/client.ts'

export interface SimulationQuestion {
  readonly principalArn: string
  readonly action: string
  readonly resource: string
}

export interface Simulation {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny'
  /** The policies whose statements decided, for a person. */
  readonly statements: readonly string[]
}

/** What a user's or role's own policies say; the resource's policy has no part in it. Source: IAM API Reference, "SimulatePrincipalPolicy". */
export async function simulate(client: Client, question: SimulationQuestion): Promise<Simulation> {
  const { principalArn, action, resource } = question
  const answer = await client.iam('SimulatePrincipalPolicy', {
    PolicySourceArn: principalArn,
    'ActionNames.member.1': action,
    'ResourceArns.member.1': resource,
  })
  const decision = answer.querySelector('EvalDecision')?.textContent
  const matched = [...answer.querySelectorAll('MatchedStatements > member')]
  return {
    decision: decision === 'allowed' || decision === 'explicitDeny' ? decision : 'implicitDeny',
    statements: matched.map((statement) => {
      const text = (name: string) => statement.querySelector(name)?.textContent ?? ''
      return `${text('SourcePolicyId')} (${text('SourcePolicyType')})`
    }),
  }
}
