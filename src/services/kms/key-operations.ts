import Type from 'typebox'
import { keyArn } from '../../registry/encryption-key.ts'
import { changeKey, createKey } from '../../registry/encryption-key-changes.ts'
import { defaultKeyPolicy } from '../../registry/encryption-key-policy.ts'
import { listKeys } from '../../registry/encryption-keys.ts'
import { RegistryError } from '../../registry/errors.ts'
import * as field from './fields.ts'
import { keyMetadata, kmsOperation, refuseManaged, refusePending } from './operation.ts'
import { checkKeyPolicy } from './key-policy.ts'
import { tagsOf } from './tags.ts'

/** Source: KMS API Reference, "ListKeys". */
const KEYS_PER_PAGE = 100

const text = Type.Optional(Type.String({ rule: 'must be text' }))

export const keyOperations = {
  CreateKey: kmsOperation({
    input: {
      Description: Type.Optional(field.description),
      Policy: Type.Optional(field.policy),
      Tags: Type.Optional(field.tags),
      KeyUsage: text,
      KeySpec: text,
      CustomerMasterKeySpec: text,
      Origin: text,
      MultiRegion: Type.Optional(field.flag),
      BypassPolicyLockoutSafetyCheck: Type.Optional(field.flag),
    },
    async run({ registry, caller, account, input, authorize }) {
      await authorize('*')
      refuseSpecial(input)
      const { Description: description = '', Policy: policy = defaultKeyPolicy(registry, account), Tags = [] } = input
      checkKeyPolicy(policy)
      const tags = tagsOf(Tags)
      const made = await createKey(registry, caller, { account, description, policy, tags })
      return { KeyMetadata: keyMetadata(registry, made) }
    },
  }),
  DescribeKey: kmsOperation({
    input: { KeyId: field.keyId },
    async run({ registry, keyOf, input }) {
      return { KeyMetadata: keyMetadata(registry, await keyOf(input.KeyId)) }
    },
  }),
  ListKeys: kmsOperation({
    input: { Limit: field.limitField, Marker: field.marker },
    async run({ registry, account, input, authorize, page, paged }) {
      await authorize('*')
      const found = await listKeys(registry, account, page(input.Limit, input.Marker, KEYS_PER_PAGE))
      const Keys = found.items.map(({ id }) => ({ KeyId: id, KeyArn: keyArn(registry.arns, account, id) }))
      return { Keys, ...paged(found) }
    },
  }),
  UpdateKeyDescription: kmsOperation({
    input: { KeyId: field.keyId, Description: field.description },
    async run(call) {
      const { registry, caller, keyOf, input } = call
      const key = await keyOf(input.KeyId)
      refuseManaged(call, key)
      refusePending(registry, key)
      await changeKey(registry, caller, {
        operation: 'UpdateKeyDescription',
        key,
        set: { description: input.Description },
      })
      return {}
    },
  }),
}

interface KeyKind {
  readonly KeyUsage?: string
  readonly KeySpec?: string
  readonly CustomerMasterKeySpec?: string
  readonly Origin?: string
  readonly MultiRegion?: boolean
}

/** Domains take symmetric keys of the service's own making, and no other is made. */
function refuseSpecial({ KeyUsage, KeySpec, CustomerMasterKeySpec, Origin, MultiRegion }: KeyKind): void {
  const asked = [
    ['KeyUsage', KeyUsage, 'ENCRYPT_DECRYPT'],
    ['KeySpec', KeySpec ?? CustomerMasterKeySpec, 'SYMMETRIC_DEFAULT'],
    ['Origin', Origin, 'AWS_KMS'],
    ['MultiRegion', MultiRegion === undefined ? undefined : String(MultiRegion), 'false'],
  ] as const
  for (const [name, value, served] of asked) {
    if (value === undefined || value === served) continue
    throw new RegistryError('unsupported', `${name} '${value.slice(0, 100)}' is not served here: only ${served} is`)
  }
}
