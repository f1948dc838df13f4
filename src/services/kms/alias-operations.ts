import Type from 'typebox'
import { epochSeconds } from '../../aws/rest-json.ts'
import { keyAliasArn } from '../../registry/encryption-key.ts'
import { createKeyAlias, deleteKeyAlias, updateKeyAlias } from '../../registry/encryption-key-changes.ts'
import { listKeyAliases, requireKey } from '../../registry/encryption-keys.ts'
import { CodedError } from '../coded-error.ts'
import * as field from './fields.ts'
import { kmsOperation, refusePending } from './operation.ts'

/** Source: KMS API Reference, "ListAliases". */
const ALIASES_PER_PAGE = 50

export const aliasOperations = {
  ListAliases: kmsOperation({
    input: { KeyId: Type.Optional(field.keyId), Limit: field.limitField, Marker: field.marker },
    async run({ registry, account, input, authorize, keyOf, page, paged }) {
      await authorize('*')
      const keyId = input.KeyId === undefined ? undefined : (await keyOf(input.KeyId)).id
      const found = await listKeyAliases(
        registry,
        { account, keyId },
        page(input.Limit, input.Marker, ALIASES_PER_PAGE),
      )
      const Aliases = found.items.map((alias) => ({
        AliasName: alias.name,
        AliasArn: keyAliasArn(registry.arns, alias.account, alias.name),
        TargetKeyId: alias.keyId,
        CreationDate: epochSeconds(alias.createdAt),
        LastUpdatedDate: epochSeconds(alias.updatedAt),
      }))
      return { Aliases, ...paged(found) }
    },
  }),
  CreateAlias: kmsOperation({
    input: { AliasName: field.aliasName, TargetKeyId: field.keyId },
    async run({ registry, caller, account, input, authorize, keyOf }) {
      refuseReserved(input.AliasName)
      await authorize(keyAliasArn(registry.arns, account, input.AliasName))
      const key = await keyOf(input.TargetKeyId)
      refusePending(registry, key)
      await createKeyAlias(registry, caller, { name: input.AliasName, key })
      return {}
    },
  }),
  UpdateAlias: kmsOperation({
    input: { AliasName: field.aliasName, TargetKeyId: field.keyId },
    async run({ registry, caller, account, input, authorize, keyOf }) {
      refuseReserved(input.AliasName)
      await authorize(keyAliasArn(registry.arns, account, input.AliasName))
      await requireKey(registry, registry.metadata.db, { kind: 'alias', account, alias: input.AliasName })
      const key = await keyOf(input.TargetKeyId)
      refusePending(registry, key)
      await updateKeyAlias(registry, caller, { name: input.AliasName, key })
      return {}
    },
  }),
  DeleteAlias: kmsOperation({
    input: { AliasName: field.aliasName },
    async run({ registry, caller, account, input, authorize, keyOf }) {
      refuseReserved(input.AliasName)
      await authorize(keyAliasArn(registry.arns, account, input.AliasName))
      const key = await keyOf(input.AliasName)
      await deleteKeyAlias(registry, caller, { name: input.AliasName, key })
      return {}
    },
  }),
}

/** Source: KMS API Reference, "CreateAlias". */
function refuseReserved(name: string): void {
  if (!name.startsWith('alias/aws/')) return
  throw new CodedError('NotAuthorizedException', `AliasName '${name}' must not begin with 'alias/aws/'`)
}
