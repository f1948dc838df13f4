import type { Authorizer } from '../../access/authorize.ts'
import { entityArn, type EntityKind, findEntity } from '../../access/iam/entities.ts'
import type { IamParts } from '../../access/iam/parts.ts'
import type { Caller } from '../../access/principal.ts'
import type { QueryResult } from '../service.ts'
import type { Input } from './input.ts'

/** One call of an IAM action, not authorized yet. */
export interface IamCall {
  readonly iam: IamParts
  readonly authorizer: Authorizer
  /** The caller's, which is the only one that IAM speaks of. */
  readonly account: string
  readonly caller: Caller
  readonly input: Input
}

/** A row of the table of IAM's actions. */
export interface IamRow {
  readonly effect: 'reads' | 'changes'
  /** The ARN on which the action is authorized. */
  resource(call: IamCall): string | Promise<string>
  /** Undefined for actions without output. */
  run(call: IamCall): Promise<QueryResult | undefined>
}

export const anything = (): string => '*'

/** The ARN of what a parameter names, with its path where it is there. */
export function named(kind: EntityKind, parameter: string) {
  return async ({ iam, account, input }: IamCall): Promise<string> => {
    const name = input.name(parameter)
    const found = await findEntity(iam, iam.metadata.db, kind, account, name)
    return found?.arn ?? entityArn(iam, kind, account, `/${name}`)
  }
}

/** The ARN that something new will have. */
export function created(kind: EntityKind | 'policy', parameter: string) {
  return ({ iam, account, input }: IamCall): string =>
    entityArn(iam, kind, account, `${input.path()}${input.name(parameter)}`)
}

/** The user that is named, or else the caller. */
export function userName({ input, caller: { principal } }: IamCall): string {
  return input.optionalName('UserName') ?? principal.userName
}

export async function userOrSelf(call: IamCall): Promise<string> {
  const { iam, account, caller } = call
  const found = await findEntity(iam, iam.metadata.db, 'user', account, userName(call))
  if (found) return found.arn
  return call.input.optional('UserName') === undefined
    ? caller.principal.arn
    : entityArn(iam, 'user', account, `/${userName(call)}`)
}

export const parameter =
  (name: string) =>
  ({ input }: IamCall): string =>
    input.required(name)
