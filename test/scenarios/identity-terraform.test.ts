import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipWithoutAws } from '../support/aws.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { Terraform } from '../support/terraform-project.ts'
import { skipWithoutTerraform } from '../support/terraform.ts'
import { packyard } from '../support/users.ts'

/** `action` is what is changed later. */
const configuration = (action: string) => `
resource "aws_iam_user" "ci" {
  name = "tf-ci"
  path = "/tf/"
  force_destroy = true
  tags = { team = "blue" }
}
resource "aws_iam_access_key" "ci" { user = aws_iam_user.ci.name }
resource "aws_iam_user_policy" "ci" {
  name = "inline"
  user = aws_iam_user.ci.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:GetServiceBearerToken", Resource = "*" }] })
}
resource "aws_iam_group" "readers" { name = "readers" }
resource "aws_iam_group_membership" "readers" {
  name = "m"
  group = aws_iam_group.readers.name
  users = [aws_iam_user.ci.name]
}
resource "aws_iam_policy" "read" {
  name = "read"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "codeartifact:${action}", Resource = "*" }] })
}
resource "aws_iam_group_policy_attachment" "readers" {
  group = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_role" "ci" {
  name = "ci"
  description = "for CI"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.ci.arn } }] })
}
resource "aws_iam_role_policy_attachment" "ci" {
  role = aws_iam_role.ci.name
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess"
}
resource "aws_iam_openid_connect_provider" "ci" {
  url = "https://issuer.example"
  client_id_list = ["sts.amazonaws.com"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}
resource "aws_codeartifact_domain_permissions_policy" "share" {
  domain = "packyard"
  policy_document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "codeartifact:DescribeDomain", Principal = { AWS = aws_iam_role.ci.arn }, Resource = "*" }] })
}
`

/** What the user that it makes may do with the domain, in our words. */
async function explain(yard: Packyard): Promise<string> {
  const domain = 'arn:aws:codeartifact:us-east-1:000000000000:domain/packyard'
  const principal = 'arn:aws:iam::000000000000:user/tf/tf-ci'
  const question = ['--principal', principal, '--action', 'codeartifact:DescribeDomain', '--resource', domain]
  return (await packyard(yard, ['explain', ...question])).output
}

test('Terraform makes users, groups, roles and policies, sees no drift, and removes them', {
  skip: skipWithoutTerraform || skipWithoutAws,
}, async (t) => {
  const yard = await startPackyard(t)
  const terraform = await Terraform.open(yard, configuration('ListPackages'))
  await terraform.run('apply', '-auto-approve', '-input=false', '-no-color')
  assert.match(await explain(yard), /user\/tf\/tf-ci may not codeartifact:DescribeDomain/)
  await terraform.write(configuration('DescribeDomain'))
  const changed = await terraform.run('apply', '-auto-approve', '-input=false', '-no-color')
  assert.match(changed, /Plan: 0 to add, 1 to change, 0 to destroy/, 'everything else is in step')
  assert.match(await explain(yard), /user\/tf\/tf-ci may codeartifact:DescribeDomain .*policy\/read/)
  await terraform.run('destroy', '-refresh=false', '-auto-approve', '-input=false', '-no-color')
  const { Users } = (await yard.aws('iam list-users')) as { Users: { UserName: string }[] }
  assert.deepEqual(
    Users.map(({ UserName }) => UserName),
    ['admin'],
  )
})
