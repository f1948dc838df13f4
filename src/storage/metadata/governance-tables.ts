/** A rule about versions. Primary key: id. Unique: (domain_id, name). */
export interface GovernanceRuleTable {
  id: string
  domain_id: string
  name: string
  /** `minimum-age` and so on: see `governance/kinds.ts`. */
  kind: string
  /** 'monitor' or 'enforce'. */
  mode: string
  /** 'domain', 'group' or 'repository'. */
  scope_type: string
  /** '' for the domain; a pattern of package groups; a repository's id. */
  scope: string
  /** By kind. JSON. */
  parameters: string
  /** '' where there is none; so for `contact`. */
  description: string
  contact: string
  /** Counts from 1. */
  version: number
  created_at: number
  /** A principal's ARN. */
  created_by: string
  updated_at: number
  updated_by: string
}

/** What a rule was like, from each of its changes on. Primary key: (domain_id, name, id); id is a UUID v7. */
export interface GovernanceRuleVersionTable {
  domain_id: string
  name: string
  changed_at: number
  id: string
  rule_id: string
  version: number
  /** 'created', 'changed' or 'deleted'. */
  change: string
  changed_by: string
  /** The rule as people are shown it. JSON. */
  body: string
}

/**
 * What somebody decided about versions. Primary key: id. Unique: (domain_id, format, namespace, name, repository_id,
 * versions, kind). Index: (domain_id, id).
 */
export interface ApprovalDecisionTable {
  id: string
  domain_id: string
  format: string
  namespace: string
  name: string
  /** `*`, one version, or a range. */
  versions: string
  /** '' for every repository of the domain. */
  repository_id: string
  /** 'approved', 'denied' or 'break-glass'. */
  kind: string
  comment: string
  decided_at: number
  /** A principal's ARN. */
  decided_by: string
  /** Null: for good. */
  expires_at: number | null
}

/**
 * Who was refused what. Primary key: id. Unique: (repository_id, format, namespace, name, version).
 * Index: (domain_id, state, id), (domain_id, format, namespace, name, state).
 */
export interface ApprovalRequestTable {
  id: string
  domain_id: string
  repository_id: string
  format: string
  namespace: string
  name: string
  /** `*` where every version of the package was refused at once. */
  version: string
  rule_name: string
  /** 'pending', 'approved' or 'denied'. */
  state: string
  asked_count: number
  first_asked_at: number
  last_asked_at: number
  /** ARNs of those who asked last, the latest first. JSON. */
  asked_by: string
  /** What they were told. */
  reason: string
  decision_id: string | null
}

/**
 * What a rule in monitor mode would have held. Primary key: (rule_id, repository_id, format, namespace, name, version).
 * Index: (repository_id).
 */
export interface GovernanceFindingTable {
  rule_id: string
  repository_id: string
  format: string
  namespace: string
  name: string
  version: string
  reason: string
  seen_count: number
  first_seen_at: number
  last_seen_at: number
}

/**
 * When an upstream published a version of which its index does not say it.
 * Primary key: (source, format, namespace, name, version); `source` as in upstream indexes.
 */
export interface UpstreamVersionDateTable {
  source: string
  format: string
  namespace: string
  name: string
  version: string
  published_at: number
}
