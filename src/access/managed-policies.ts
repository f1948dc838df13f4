import type { PolicyDocument } from './policy/document.ts'
import { parsePolicyDocument } from './policy/parse-document.ts'

/** A policy that every account has. Source: CodeArtifact User Guide and IAM User Guide, "AWS managed policies". */
export interface ManagedPolicy {
  readonly arn: string
  readonly name: string
  readonly description: string
  /** `ANPA…` */
  readonly id: string
  readonly text: string
  readonly document: PolicyDocument
}

const BEARER = {
  Effect: 'Allow',
  Action: 'sts:GetServiceBearerToken',
  Resource: '*',
  Condition: { StringEquals: { 'sts:AWSServiceName': 'codeartifact.amazonaws.com' } },
}

const shipped: readonly (readonly [name: string, description: string, statements: readonly object[]])[] = [
  ['AdministratorAccess', 'Everything.', [{ Effect: 'Allow', Action: '*', Resource: '*' }]],
  ['IAMFullAccess', 'Everything in IAM.', [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }]],
  [
    'AWSCodeArtifactAdminAccess',
    'Everything in CodeArtifact.',
    [{ Effect: 'Allow', Action: 'codeartifact:*', Resource: '*' }, BEARER],
  ],
  [
    'AWSCodeArtifactReadOnlyAccess',
    'Reading in CodeArtifact.',
    [
      {
        Effect: 'Allow',
        Action: [
          'codeartifact:Describe*',
          'codeartifact:Get*',
          'codeartifact:List*',
          'codeartifact:ReadFromRepository',
        ],
        Resource: '*',
      },
      BEARER,
    ],
  ],
]

/** By ARN. */
export const managedPolicies: ReadonlyMap<string, ManagedPolicy> = new Map(
  shipped.map(([name, description, statements], index) => {
    const arn = `arn:aws:iam::aws:policy/${name}`
    const text = JSON.stringify({ Version: '2012-10-17', Statement: statements }, undefined, 2)
    const id = `ANPAPACKYARDMANAGED${'ABCDEFGH'.charAt(index).repeat(2)}`
    return [arn, { arn, name, description, id, text, document: parsePolicyDocument(text, 'identity') }]
  }),
)

export const ADMINISTRATOR_POLICY_ARN = 'arn:aws:iam::aws:policy/AdministratorAccess'
