import Type from 'typebox'
import { BUS_NAME } from '../../journal/bus/rules.ts'
import * as field from './fields.ts'
import { eventsOperation, requireBus } from './operation.ts'

/** Every account has one bus, and makes no other. */
export const busOperations = {
  DescribeEventBus: eventsOperation({
    input: { Name: field.busName },
    async run(call) {
      requireBus(call, call.input.Name)
      const Arn = call.arn(`event-bus/${BUS_NAME}`)
      await call.authorize(Arn)
      return { Name: BUS_NAME, Arn }
    },
  }),
  ListEventBuses: eventsOperation({
    input: { NamePrefix: Type.Optional(field.name), Limit: field.limit, NextToken: field.nextToken },
    async run(call) {
      await call.authorize(call.arn('event-bus/*'))
      const isAsked = BUS_NAME.startsWith(call.input.NamePrefix ?? '')
      return { EventBuses: isAsked ? [{ Name: BUS_NAME, Arn: call.arn(`event-bus/${BUS_NAME}`) }] : [] }
    },
  }),
}
