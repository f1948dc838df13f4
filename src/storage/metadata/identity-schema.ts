import type { Generated } from 'kysely'

/** The tables of accounts, and of who may do what. Types are those of `schema.ts`. */
export interface IdentitySchema {
  accounts: AccountTable
  users: UserTable
  access_keys: AccessKeyTable
  user_groups: GroupTable
  group_members: GroupMemberTable
  roles: RoleTable
  identity_providers: IdentityProviderTable
  policies: PolicyTable
  policy_versions: PolicyVersionTable
  policy_attachments: PolicyAttachmentTable
  inline_policies: InlinePolicyTable
  sessions: SessionTable
  tokens: TokenTable
  console_sessions: ConsoleSessionTable
  resource_policies: ResourcePolicyTable
}

/** Primary key: id. */
export interface AccountTable {
  /** 12 digits. */
  id: string
  name: string
  created_at: number
}

/** Primary key: user_id. Unique: (account_id, name), in any case. */
interface UserTable {
  /** `AIDA` and 17 characters; the account's id for its root user. */
  user_id: string
  account_id: string
  name: string
  path: string
  /** The ARN of a managed policy. */
  permissions_boundary: string | null
  created_at: number
}

/** Primary key: access_key_id. Index: (user_id). */
interface AccessKeyTable {
  access_key_id: string
  user_id: string
  /** Encrypted under the installation's master key, as SigV4 needs the secret itself. */
  secret_sealed: Uint8Array
  /** 'Active' or 'Inactive'. */
  status: string
  created_at: number
  /** To the quarter of an hour. */
  last_used_at: number | null
  last_used_service: string | null
  last_used_region: string | null
}

/** Primary key: group_id. Unique: (account_id, name), in any case. */
interface GroupTable {
  /** `AGPA` and 17 characters. */
  group_id: string
  account_id: string
  name: string
  path: string
  created_at: number
}

/** Primary key: (group_id, user_id). Index: (user_id). */
interface GroupMemberTable {
  group_id: string
  user_id: string
}

/** Primary key: role_id. Unique: (account_id, name), in any case. */
interface RoleTable {
  /** `AROA` and 17 characters. */
  role_id: string
  account_id: string
  name: string
  path: string
  /** Who may assume it, as it was given. */
  trust_policy: string
  /** Ids of the users and roles that it named when it was put, by ARN. JSON object. */
  trust_principals: Generated<string>
  description: string | null
  session_seconds_max: number
  permissions_boundary: string | null
  created_at: number
}

/** An OpenID Connect provider. Primary key: provider_id. Unique: (account_id, url). */
interface IdentityProviderTable {
  provider_id: string
  account_id: string
  /** The issuer without its scheme. */
  url: string
  /** Audiences. JSON list. */
  client_ids: string
  /** JSON list. */
  thumbprints: string
  created_at: number
}

/** A managed policy. Primary key: policy_id. Unique: (account_id, name), in any case. */
interface PolicyTable {
  /** `ANPA` and 17 characters. */
  policy_id: string
  account_id: string
  name: string
  path: string
  description: string | null
  default_version: number
  /** The number given last. */
  last_version: number
  created_at: number
  updated_at: number
}

/** Primary key: (policy_id, version). */
interface PolicyVersionTable {
  policy_id: string
  version: number
  document: string
  created_at: number
}

/** Primary key: (entity_id, policy_arn). `entity_id` is the id of a user, group or role. */
interface PolicyAttachmentTable {
  entity_id: string
  policy_arn: string
  created_at: number
}

/** Primary key: (entity_id, name). `entity_id` is the id of a user, group or role. */
interface InlinePolicyTable {
  entity_id: string
  name: string
  document: string
}

/** Temporary credentials. Primary key: access_key_id. Index: (expires_at). Kept for as long as tokens made by them. */
interface SessionTable {
  /** `ASIA` and 16 characters. */
  access_key_id: string
  /** 'role', 'user' or 'federated'. */
  kind: string
  /** The role's, or else the user's. */
  entity_id: string
  account_id: string
  name: string
  secret_sealed: Uint8Array
  /** Of the session token. Hex. */
  token_sha256: string
  /** Session policies, tags and origin (`SessionFacts`). JSON. */
  facts: string
  issued_at: number
  expires_at: number
}

/** Package tokens that have been issued; they are themselves nowhere. Primary key: token_id. Index: (account_id, issued_at, token_id), (expires_at). */
export interface TokenTable {
  token_id: string
  owner: string
  domain: string
  account_id: string
  principal_id: string
  principal_arn: string
  access_key_id: string
  issued_at: number
  expires_at: number
  revoked_at: number | null
}

/** Primary key: resource_id, the id of a domain or a repository. */
interface ResourcePolicyTable {
  resource_id: string
  /** As it was given. */
  document: string
  revision: string
  /** Ids of the users and roles of this installation that it names, by ARN. JSON. */
  principals: string
  updated_at: number
}

/** Primary key: session_id. Unique: (token_sha256). Indexes: (account_id, begun_at, session_id), (expires_at). */
export interface ConsoleSessionTable {
  session_id: string
  /** Lower-case hex; the token itself is only in the browser. */
  token_sha256: string
  /** The key that signed in: as long as it may sign, the session stands. */
  access_key_id: string
  account_id: string
  principal_arn: string
  remote_address: string
  user_agent: string
  begun_at: number
  /** To the minute. */
  used_at: number
  expires_at: number
}
