/**
 * What must stay. Primary key: id. Index: (domain_id, spelling_key, id), (repository_id) where there is one.
 */
export interface HoldTable {
  id: string
  domain_id: string
  /** Null: in every repository of the domain. */
  repository_id: string | null
  /** As those of package groups, and what the keys of the packages begin with that it takes in. */
  pattern: string
  spelling_key: string
  /** `*` stands for any text; '*' for every version. */
  version: string
  /** 'retention' or 'removal', which is by hand too. */
  against: string
  reason: string
  /** An ARN. */
  created_by: string
  created_at: number
  ends_at: number | null
}

/** One look at what a rule would remove. Primary key: id. Index: (domain_id, rule_id, created_at, id), those not ended. */
export interface RetentionRunTable {
  id: string
  domain_id: string
  rule_id: string
  /** As it was when the run was asked for. JSON. */
  rule: string
  /** 'preview', 'monitor' or 'enforce'. */
  purpose: string
  /** 'waiting', 'choosing', 'weighing', 'unconfirmed', 'removing', 'done' or 'failed'. */
  state: string
  /** How far it has come. JSON. */
  position: string
  /** What it counted so far. JSON. */
  figures: string
  /** An ARN, or what began it by itself. */
  asked_by: string
  /** How many a person has agreed to. */
  confirmed_versions: number | null
  created_at: number
  ended_at: number | null
}

/** What a run would remove. Primary key: (run_id, position). Index: (run_id, content_id, reference_id). */
export interface RetentionCandidateTable {
  run_id: string
  /** From 1, by repository and name. */
  position: number
  /** `repository_versions.id` */
  reference_id: string
  package_id: string
  content_id: string
  repository: string
  format: string
  namespace: string
  name: string
  version: string
  status: string
  origin_type: string
  /** 'delete' or 'dispose'. */
  action: string
  /** Of its assets; what the domain gets back may be less. */
  size_bytes: number
  /** The last use that counts; of a version that was never used, since when it stands there. */
  used_at: number
}
