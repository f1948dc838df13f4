import { accessOperations } from './access-operations.ts'
import { advisoryOperations } from './advisory-operations.ts'
import { approvalOperations } from './approval-operations.ts'
import { healthOperations } from './health-operations.ts'
import { holdOperations } from './hold-operations.ts'
import { jobOperations } from './job-operations.ts'
import { packageOperations } from './package-operations.ts'
import { retentionOperations } from './retention-operations.ts'
import { readmeOperations } from './readme-operations.ts'
import { sessionOperations } from './session-operations.ts'
import { ruleOperations } from './rule-operations.ts'
import { tokenOperations } from './token-operations.ts'
import { trailOperations } from './trail-operations.ts'
import { usageOperations } from './usage-operations.ts'

/** Every operation of `/packyard/v1`. A name says what is done, as AWS's names do: Get, List, Describe … only read. */
export const operations = {
  ...accessOperations,
  ...tokenOperations,
  ...sessionOperations,
  ...usageOperations,
  ...trailOperations,
  ...jobOperations,
  ...healthOperations,
  ...packageOperations,
  ...holdOperations,
  ...retentionOperations,
  ...advisoryOperations,
  ...readmeOperations,
  ...ruleOperations,
  ...approvalOperations,
}
