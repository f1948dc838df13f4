import type { QueryService } from '../service.ts'
import { getCallerIdentity } from './get-caller-identity.ts'

/** The Security Token Service. Source of version and namespace: STS service model. */
export function createStsService(): QueryService {
  return {
    protocol: 'query',
    name: 'sts',
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: { GetCallerIdentity: { run: getCallerIdentity } },
  }
}
