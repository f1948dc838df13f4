import Type, { type Static, type TObject, type TProperties } from 'typebox'
import { epochSeconds } from '../../aws/rest-json.ts'
import type { Caller } from '../../access/principal.ts'
import { keyArn, type KeyIdentifier, parseKeyIdentifier } from '../../registry/encryption-key.ts'
import { type EncryptionKey, requireKey } from '../../registry/encryption-keys.ts'
import { RegistryError } from '../../registry/errors.ts'
import type { Page, PageRequest } from '../../registry/pages.ts'
import type { RegistryParts } from '../../registry/parts.ts'
import { CodedError } from '../coded-error.ts'
import { decode } from '../codeartifact/decode.ts'
import type { Json11Request } from '../service.ts'
import type { KmsParts } from './service.ts'

/** One call of an operation: decoded. What it may touch is authorized by `authorize` or `requireKeyFor`. */
export interface KmsCall<Input> {
  readonly registry: RegistryParts
  readonly caller: Caller
  readonly account: string
  readonly input: Input
  readonly seals: KmsParts['seals']
  /** Throws `AccessDeniedError`. */
  authorize(resource: string): Promise<void>
  /** The key that the caller names, once it is clear that the caller may. Throws `missing` or `AccessDeniedError`. */
  keyOf(given: string): Promise<EncryptionKey>
  page(limit: number | undefined, marker: string | undefined, sizeDefault: number): PageRequest
  paged<Item>(page: Page<Item>): { readonly Truncated: boolean; readonly NextMarker?: string }
}

export interface KmsOperation {
  run(parts: KmsParts, name: string, request: Json11Request): Promise<object>
}

export interface KmsDefinition<Properties extends TProperties> {
  readonly input: Properties
  run(call: KmsCall<Static<TObject<Properties>>>): Promise<object>
}

export function kmsOperation<Properties extends TProperties>(definition: KmsDefinition<Properties>): KmsOperation {
  const schema = Type.Object(definition.input)
  return {
    async run({ registry, pageTokens, seals }, name, { caller, body }) {
      const account = caller.principal.accountId
      const input = decode(schema, { query: new Map(), body })
      const listing = { operation: `kms:${name}`, filters: { account } }
      const authorize = async (resource: string) => {
        await registry.authorizer.prepare(resource)
        registry.authorizer.authorize(caller, `kms:${name}`, resource)
      }
      return definition.run({
        registry,
        caller,
        account,
        input,
        seals,
        authorize,
        keyOf: (given) => findAllowed(registry, parseGiven(registry, account, given), authorize),
        page: (limit, marker, sizeDefault) => ({
          size: limit ?? sizeDefault,
          ...(marker === undefined ? {} : { after: pageTokens.read(listing, marker) }),
        }),
        paged: ({ next }) =>
          next ? { Truncated: true, NextMarker: pageTokens.issue(listing, next) } : { Truncated: false },
      })
    },
  }
}

/** An alias is resolved first, as the permission is on its key; whoever may not see the key learns nothing from it. */
async function findAllowed(
  registry: RegistryParts,
  asked: KeyIdentifier,
  authorize: (resource: string) => Promise<void>,
): Promise<EncryptionKey> {
  const arnOf = (id: string) => keyArn(registry.arns, asked.account, id)
  if (asked.kind === 'key') await authorize(arnOf(asked.id))
  const key = await requireKey(registry, registry.metadata.db, asked).catch(async (error: unknown) => {
    if (asked.kind === 'alias') await authorize(arnOf('*'))
    throw error
  })
  if (asked.kind === 'alias') await authorize(arnOf(key.id))
  return key
}

function parseGiven({ arns }: RegistryParts, account: string, given: string): KeyIdentifier {
  try {
    return parseKeyIdentifier(arns, account, given)
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause
    if (given.startsWith('arn:'))
      throw new CodedError('InvalidArnException', `Invalid arn ${given.slice(0, 200)}`, { cause })
    throw new CodedError('NotFoundException', `Invalid keyId '${given.slice(0, 200)}'`, { cause })
  }
}

/** What every operation says of a key. Source: KMS API Reference, `KeyMetadata`. */
export function keyMetadata({ arns }: RegistryParts, key: EncryptionKey) {
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: keyArn(arns, key.account, key.id),
    CreationDate: epochSeconds(key.createdAt),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    DeletionDate: key.deletionAt === undefined ? undefined : epochSeconds(key.deletionAt),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  }
}

/** Throws `CodedError`: what AWS manages, nobody else changes. */
export function refuseManaged(
  { registry, caller }: Pick<KmsCall<unknown>, 'registry' | 'caller'>,
  key: EncryptionKey,
): void {
  if (key.manager !== 'AWS') return
  const arn = keyArn(registry.arns, key.account, key.id)
  const message = `User: ${caller.principal.arn} is not authorized to change ${arn}: it is managed for the account`
  throw new CodedError('AccessDeniedException', message)
}

/** Throws `CodedError`: a key that is going to be deleted can only be kept, or looked at. */
export function refusePending({ arns }: RegistryParts, key: EncryptionKey): void {
  if (key.state !== 'PendingDeletion') return
  throw new CodedError('KMSInvalidStateException', `${keyArn(arns, key.account, key.id)} is pending deletion.`)
}
