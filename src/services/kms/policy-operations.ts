import Type from 'typebox'
import { changeKey } from '../../registry/encryption-key-changes.ts'
import * as field from './fields.ts'
import { checkKeyPolicy } from './key-policy.ts'
import { kmsOperation, refuseManaged, refusePending } from './operation.ts'

export const policyOperations = {
  GetKeyPolicy: kmsOperation({
    input: { KeyId: field.keyId, PolicyName: field.policyName },
    async run({ keyOf, input }) {
      const { policy } = await keyOf(input.KeyId)
      return { Policy: policy, PolicyName: 'default' }
    },
  }),
  PutKeyPolicy: kmsOperation({
    input: {
      KeyId: field.keyId,
      PolicyName: field.policyName,
      Policy: field.policy,
      BypassPolicyLockoutSafetyCheck: Type.Optional(field.flag),
    },
    async run(call) {
      const { registry, caller, keyOf, input } = call
      const key = await keyOf(input.KeyId)
      refuseManaged(call, key)
      refusePending(registry, key)
      checkKeyPolicy(input.Policy)
      await changeKey(registry, caller, { operation: 'PutKeyPolicy', key, set: { policy: input.Policy } })
      return {}
    },
  }),
  ListKeyPolicies: kmsOperation({
    input: { KeyId: field.keyId },
    async run({ keyOf, input }) {
      await keyOf(input.KeyId)
      return { PolicyNames: ['default'], Truncated: false }
    },
  }),
}
