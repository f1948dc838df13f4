import type { Entity, Role } from '../../access/iam/entities.ts'
import type { Policy, PolicyVersion } from '../../access/iam/policies.ts'
import type { Tag } from '../../access/iam/tags.ts'

/** `2026-01-31T10:20:30Z` */
export function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** By RFC 3986, as Terraform decodes by the rules of forms: a plus must not be read as a space. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

export function tagMembers(tags: readonly Tag[]) {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}

function optionalTags(tags: readonly Tag[]) {
  return tags.length === 0 ? undefined : tagMembers(tags)
}

function boundaryMember({ boundary }: Entity) {
  return boundary && { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary }
}

/** Source of this and the following: IAM API Reference, data types of the same names. */
export function userMembers(user: Entity, tags: readonly Tag[] = []) {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: isoTime(user.createdAt),
    PermissionsBoundary: boundaryMember(user),
    Tags: optionalTags(tags),
  }
}

export function groupMembers(group: Entity) {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: group.arn,
    CreateDate: isoTime(group.createdAt),
  }
}

export function roleMembers(role: Role, tags: readonly Tag[] = []) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: isoTime(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.sessionSecondsMax,
    PermissionsBoundary: boundaryMember(role),
    Tags: optionalTags(tags),
    RoleLastUsed: {},
  }
}

export function policyMembers(policy: Policy, tags: readonly Tag[] = []) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: `v${policy.defaultVersion}`,
    AttachmentCount: policy.attachmentCount,
    PermissionsBoundaryUsageCount: policy.boundaryCount,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: isoTime(policy.createdAt),
    UpdateDate: isoTime(policy.updatedAt),
    Tags: optionalTags(tags),
  }
}

export function versionMembers({ version, isDefault, createdAt }: Omit<PolicyVersion, 'document'>, document?: string) {
  return {
    Document: document === undefined ? undefined : encodeDocument(document),
    VersionId: `v${version}`,
    IsDefaultVersion: isDefault,
    CreateDate: isoTime(createdAt),
  }
}
