import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { DescribeRepositoryCommand, ListDomainsCommand, ListTagsForResourceCommand } from '@aws-sdk/client-codeartifact'
import { startPackyard } from '../support/packyard.ts'
import { Terraform } from '../support/terraform-project.ts'
import { skipWithoutTerraform } from '../support/terraform.ts'

/**
 * `description`, the team's tag and the reader's action are what is changed later. The token is no output: it is another
 * one each time, which would be a change.
 */
function configuration(description: string, team: string, reader: string): string {
  return `
resource "aws_kms_key" "packages" {
  description             = "Packages"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  tags                    = { team = "${team}" }
}

resource "aws_kms_alias" "packages" {
  name          = "alias/packages"
  target_key_id = aws_kms_key.packages.key_id
}

resource "aws_codeartifact_domain" "acme" {
  domain         = "acme"
  encryption_key = aws_kms_key.packages.arn
  tags           = { team = "${team}" }
}

resource "aws_codeartifact_repository" "store" {
  domain     = aws_codeartifact_domain.acme.domain
  repository = "npm-store"
  external_connections {
    external_connection_name = "public:npmjs"
  }
}

resource "aws_codeartifact_repository" "team" {
  domain      = aws_codeartifact_domain.acme.domain
  repository  = "team"
  description = "${description}"
  tags        = { team = "${team}" }
  upstream {
    repository_name = aws_codeartifact_repository.store.repository
  }
}

${policiesAndData(reader)}`
}

function policiesAndData(reader: string): string {
  return `
resource "aws_codeartifact_domain_permissions_policy" "acme" {
  domain          = aws_codeartifact_domain.acme.domain
  policy_document = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "codeartifact:${reader}", Resource = "*" }]
  })
}

resource "aws_codeartifact_repository_permissions_policy" "team" {
  domain          = aws_codeartifact_domain.acme.domain
  repository      = aws_codeartifact_repository.team.repository
  policy_document = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "codeartifact:${reader}", Resource = "*" }]
  })
}

data "aws_codeartifact_authorization_token" "acme" {
  domain           = aws_codeartifact_domain.acme.domain
  duration_seconds = 900
}

data "aws_codeartifact_repository_endpoint" "team" {
  domain     = aws_codeartifact_domain.acme.domain
  repository = aws_codeartifact_repository.team.repository
  format     = "npm"
}

output "endpoint" {
  value = data.aws_codeartifact_repository_endpoint.team.repository_endpoint
}

output "key" {
  value = aws_codeartifact_domain.acme.encryption_key
}
`
}

test('Terraform makes, keeps, changes and removes it all', { skip: skipWithoutTerraform }, async (t) => {
  const yard = await startPackyard(t, { connections: { 'public:npmjs': 'http://127.0.0.1:9/' } })
  const terraform = await Terraform.open(yard, configuration('The team', 'core', 'DescribeDomain'))
  const isInStep = async () => {
    const { code, output } = await terraform.plan()
    assert.equal(code, 0, `the plan should be empty:\n${output}`)
  }

  await t.test('apply makes it, and the next plan is empty', async () => {
    await terraform.run('apply', '-auto-approve', '-input=false', '-no-color')
    await isInStep()
    const team = await yard.sdk.send(new DescribeRepositoryCommand({ domain: 'acme', repository: 'team' }))
    assert.deepEqual(team.repository?.upstreams, [{ repositoryName: 'npm-store' }])
  })

  await t.test('token and endpoint are what a package manager needs', async () => {
    const { endpoint, key } = await terraform.outputs()
    const token = await terraform.dataOf('aws_codeartifact_authorization_token.acme', 'authorization_token')
    assert.match(String(key), /^arn:aws:kms:us-east-1:000000000000:key\//)
    assert.equal(endpoint, `${yard.url}/npm/d/acme-000000000000/team/`)
    const authorization = `Bearer ${yard.secret(String(token))}`
    const ping = await fetch(`${String(endpoint)}-/ping`, { headers: { authorization } })
    assert.equal(ping.status, 200)
  })

  await t.test('a change is carried out, and the next plan is empty', async () => {
    await terraform.write(configuration('Everybody', `web-${randomUUID().slice(0, 4)}`, 'DescribeRepository'))
    const { code } = await terraform.plan()
    assert.equal(code, 2)
    await terraform.run('apply', '-auto-approve', '-input=false', '-no-color')
    await isInStep()
    const team = await yard.sdk.send(new DescribeRepositoryCommand({ domain: 'acme', repository: 'team' }))
    assert.equal(team.repository?.description, 'Everybody')
    const { tags = [] } = await yard.sdk.send(new ListTagsForResourceCommand({ resourceArn: team.repository?.arn }))
    assert.match(tags[0]?.value ?? '', /^web-/)
  })

  await t.test('destroy leaves nothing behind', async () => {
    await terraform.run('destroy', '-auto-approve', '-input=false', '-no-color')
    const { domains = [] } = await yard.sdk.send(new ListDomainsCommand({}))
    assert.deepEqual(
      domains.map(({ name }) => name),
      ['packyard'],
    )
  })
})
