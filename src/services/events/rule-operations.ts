import {
  BUS_NAME,
  countRules,
  deleteRule,
  type EventRule,
  findRule,
  listRules,
  putRule,
  type RuleState,
  setRuleState,
} from '../../journal/bus/rules.ts'
import { readTargets } from '../../journal/bus/targets.ts'
import { EventPatternError } from '../../journal/pattern/event-pattern-error.ts'
import { parseEventPattern } from '../../journal/pattern/event-pattern.ts'
import { invalid, refused, RegistryError } from '../../registry/errors.ts'
import { checkTags, writeTags } from '../../registry/resource-tags.ts'
import Type from 'typebox'
import { CodedError } from '../coded-error.ts'
import * as field from './fields.ts'
import { type EventsCall, eventsOperation, requireBus, requireRule } from './operation.ts'
import { tagsOf } from './tags.ts'

/** Source: EventBridge User Guide, "Amazon EventBridge quotas". */
const RULES_MAX = 300

const one = { Name: field.name, EventBusName: field.busName }

export const ruleOperations = {
  PutRule: eventsOperation({
    input: {
      ...one,
      EventPattern: field.text,
      ScheduleExpression: field.text,
      State: field.state,
      Description: field.description,
      RoleArn: Type.Optional(field.arn),
      Tags: Type.Optional(field.tags),
    },
    async run(call) {
      const { registry, account, input } = call
      requireBus(call, input.EventBusName)
      const arn = call.arn(`rule/${input.Name}`)
      await call.authorize(arn)
      if (input.ScheduleExpression !== undefined && input.ScheduleExpression !== '')
        throw refused('ScheduleExpression is not served here: rules match events')
      if (input.EventPattern === undefined) throw refused('Parameter EventPattern must be specified.')
      readPattern(input.EventPattern)
      const tags = tagsOf(input.Tags ?? [])
      checkTags(tags, registry.limits)
      await call.change({ name: input.Name, eventPattern: input.EventPattern }, async (write) => {
        const isNew = (await findRule(write.tx, account, input.Name)) === undefined
        if (isNew && (await countRules(write, account)) >= RULES_MAX) {
          throw new CodedError('LimitExceededException', `The account has ${RULES_MAX} rules, which is the most.`)
        }
        const id = await putRule(write, {
          newId: registry.randomId(),
          now: registry.clock(),
          account,
          name: input.Name,
          pattern: input.EventPattern ?? '',
          state: input.State ?? 'ENABLED',
          description: input.Description,
          roleArn: input.RoleArn,
        })
        // Source: EventBridge API Reference, "PutRule": of a rule that is there, tags are left alone.
        if (isNew) await writeTags(write, id, tags)
      })
      return { RuleArn: arn }
    },
  }),
  DescribeRule: eventsOperation({
    input: one,
    async run(call) {
      const rule = await requireRule(call, call.input.Name)
      return { ...ruleMembers(call, rule), CreatedBy: call.account }
    },
  }),
  ListRules: eventsOperation({
    input: {
      NamePrefix: field.namePrefix,
      EventBusName: field.busName,
      Limit: field.limit,
      NextToken: field.nextToken,
    },
    async run(call) {
      const { registry, account, input } = call
      requireBus(call, input.EventBusName)
      await call.authorize(call.arn(`rule/${input.NamePrefix ?? ''}*`))
      const { after, limit } = call.page(input.Limit, input.NextToken)
      const filter = { account, prefix: input.NamePrefix, after, limit: limit + 1 }
      const { items, next } = call.paged(await listRules(registry.metadata.db, filter), limit)
      return { Rules: items.map((rule) => ruleMembers(call, rule)), ...next }
    },
  }),
  ListRuleNamesByTarget: eventsOperation({
    input: { TargetArn: field.arn, EventBusName: field.busName, Limit: field.limit, NextToken: field.nextToken },
    async run(call) {
      const { registry, account, input } = call
      requireBus(call, input.EventBusName)
      await call.authorize(call.arn('rule/*'))
      const { after, limit } = call.page(input.Limit, input.NextToken)
      const filter = { account, targetArn: input.TargetArn, after, limit: limit + 1 }
      const { items, next } = call.paged(await listRules(registry.metadata.db, filter), limit)
      return { RuleNames: items.map((rule) => rule.name), ...next }
    },
  }),
  EnableRule: eventsOperation({ input: one, run: (call) => changeState(call, 'ENABLED') }),
  DisableRule: eventsOperation({ input: one, run: (call) => changeState(call, 'DISABLED') }),
  DeleteRule: eventsOperation({
    input: { ...one, Force: field.flag },
    async run(call) {
      const { registry, account, input } = call
      requireBus(call, input.EventBusName)
      await call.authorize(call.arn(`rule/${input.Name}`))
      const rule = await findRule(registry.metadata.db, account, input.Name)
      if (!rule) return {}
      await call.change({ name: input.Name }, async (write) => {
        if ((await readTargets(write.tx, [rule.id])).length > 0) {
          throw refused("Rule can't be deleted since it has targets.")
        }
        await deleteRule(write, rule.id)
      })
      return {}
    },
  }),
  TestEventPattern: eventsOperation({
    input: { EventPattern: field.pattern, Event: field.pattern },
    async run(call) {
      await call.authorize('*')
      const matches = readPattern(call.input.EventPattern)
      return { Result: matches(readEvent(call.input.Event)) }
    },
  }),
}

/** Throws `InvalidEventPatternException`, which names the place. */
function readPattern(text: string) {
  try {
    return parseEventPattern(text)
  } catch (cause) {
    if (!(cause instanceof EventPatternError)) throw cause
    throw new CodedError('InvalidEventPatternException', cause.message, { cause })
  }
}

/** Source: EventBridge API Reference, "TestEventPattern". */
const EVENT_MEMBERS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type']

function readEvent(text: string): unknown {
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch (cause) {
    throw new RegistryError('invalid', 'Parameter Event is not valid JSON.', { cause })
  }
  const missing = EVENT_MEMBERS.find(
    (name) => typeof event !== 'object' || event === null || !Object.hasOwn(event, name),
  )
  if (missing !== undefined) throw invalid('Event', text, `must be an event, which has a member ${missing}`)
  return event
}

async function changeState(
  call: EventsCall<{ readonly Name: string; readonly EventBusName?: string }>,
  state: RuleState,
): Promise<object> {
  const rule = await requireRule(call, call.input.Name)
  await call.change({ name: rule.name }, (write) => setRuleState(write, rule.id, state))
  return {}
}

function ruleMembers({ arn }: EventsCall<unknown>, rule: EventRule) {
  return {
    Name: rule.name,
    Arn: arn(`rule/${rule.name}`),
    EventPattern: rule.pattern,
    State: rule.state,
    Description: rule.description,
    RoleArn: rule.roleArn,
    EventBusName: BUS_NAME,
  }
}
