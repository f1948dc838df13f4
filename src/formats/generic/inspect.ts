import type { RegistryFormat } from '../../registry/format.ts'

/** An asset is bytes and says nothing of its version; nor is a README among them the version's readme. */
export const genericContent: Pick<RegistryFormat, 'inspect' | 'facts'> = {
  inspect: async () => undefined,
  facts: () => ({ licenses: [], dependencies: [] }),
}
