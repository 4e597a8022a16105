import { canonicalJson, canonicalText } from './canonical-json';
import type { Actor, LedgerEvent } from './event';

/**
 * The canonical JSON of an event, byte for byte what canonicalJson(event) gives. The envelope's keys are always the
 * same, so their order is written here once instead of being found anew for every event. Each piece begins with a
 * value, because two constants side by side would be one more piece to put together.
 *
 * @param dataJson canonical JSON of the event's data, where it is at hand
 */
export const canonicalEvent = (event: LedgerEvent, dataJson: string = canonicalJson(event.data)): string =>
  `{"actor":${canonicalActor(event.actor)},"basis":"${canonicalText(event.basis)}","causationId":` +
  `${event.causationId === null ? 'null' : `"${canonicalText(event.causationId)}"`},"commandId":"` +
  `${canonicalText(event.commandId)}","correlationId":"${canonicalText(event.correlationId)}","data":` +
  `${dataJson},"effectiveOn":"${canonicalText(event.effectiveOn)}","id":"${canonicalText(event.id)}","metadata":` +
  `${canonicalJson(event.metadata)},"recordedAt":"${canonicalText(event.recordedAt)}","revision":` +
  `${canonicalJson(event.revision)},"schemaVersion":${canonicalJson(event.schemaVersion)},"stream":"` +
  `${canonicalText(event.stream)}","type":"${canonicalText(event.type)}"}`;

/** Events come in runs of one actor: an import's, a batch's. */
let lastActor: Actor | null = null;
let lastActorJson = '';

const canonicalActor = (actor: Actor): string => {
  const { division, id, role } = actor;
  if (lastActor === null || lastActor.id !== id || lastActor.role !== role || lastActor.division !== division) {
    lastActorJson = canonicalJson({ division, id, role });
    lastActor = { id, role, division };
  }
  return lastActorJson;
};
