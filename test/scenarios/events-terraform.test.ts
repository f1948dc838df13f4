import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipWithoutAws } from '../support/aws.ts'
import { startPackyard } from '../support/packyard.ts'
import { Terraform } from '../support/terraform-project.ts'
import { skipWithoutTerraform } from '../support/terraform.ts'

/** `state` is what is changed later. */
const configuration = (state: string) => `
resource "aws_cloudwatch_event_connection" "ci" {
  name = "ci"
  authorization_type = "API_KEY"
  auth_parameters {
    api_key {
      key = "X-Api-Key"
      value = "secret-of-the-hook"
    }
  }
}
resource "aws_cloudwatch_event_api_destination" "ci" {
  name = "ci"
  invocation_endpoint = "https://ci.example/hook"
  http_method = "POST"
  connection_arn = aws_cloudwatch_event_connection.ci.arn
}
resource "aws_cloudwatch_event_rule" "published" {
  name = "published"
  state = "${state}"
  event_pattern = jsonencode({ source = ["aws.codeartifact"], detail = { packageVersionState = ["Published"] } })
  tags = { team = "blue" }
}
resource "aws_cloudwatch_event_target" "ci" {
  rule = aws_cloudwatch_event_rule.published.name
  target_id = "ci"
  arn = aws_cloudwatch_event_api_destination.ci.arn
  input_transformer {
    input_paths = { name = "$.detail.packageName" }
    input_template = jsonencode({ package = "<name>" })
  }
}
`

test('Terraform makes a rule and its target, sees no drift, changes one and removes them', {
  skip: skipWithoutTerraform || skipWithoutAws,
}, async (t) => {
  const yard = await startPackyard(t)
  yard.secret('secret-of-the-hook')
  const terraform = await Terraform.open(yard, configuration('ENABLED'))
  await terraform.run('apply', '-auto-approve', '-input=false', '-no-color')
  await terraform.write(configuration('DISABLED'))
  const changed = await terraform.run('apply', '-auto-approve', '-input=false', '-no-color')
  assert.match(changed, /Plan: 0 to add, 1 to change, 0 to destroy/, 'everything else is in step')
  const { Rules } = await yard.aws('events list-rules')
  assert.deepEqual(
    (Rules as { Name: string; State: string }[]).map(({ Name, State }) => [Name, State]),
    [['published', 'DISABLED']],
  )
  await terraform.run('destroy', '-refresh=false', '-auto-approve', '-input=false', '-no-color')
  assert.deepEqual((await yard.aws('events list-rules'))['Rules'], [])
})
