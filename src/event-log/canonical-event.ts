import { canonicalJson, canonicalText } from './canonical-json';
import type { Actor, LedgerEvent } from './event';

/**
 * The canonical JSON of an event, byte for byte what canonicalJson(event) gives. The envelope's keys are always the
 * same, so their order is written here once instead of being found anew for every event. Each constant stands between
 * two values, because two of them side by side would be one more piece to write out.
 *
 * @param dataJson canonical JSON of the event's data, where it is at hand
 */
export const canonicalEvent = (event: LedgerEvent, dataJson: string = canonicalJson(event.data)): string => {
  let json = '{"actor":';
  json += canonicalActor(event.actor);
  json += ',"basis":"';
  json += canonicalText(event.basis);
  if (event.causationId === null) {
    json += '","causationId":null,"commandId":"';
  } else {
    json += '","causationId":"';
    json += canonicalText(event.causationId);
    json += '","commandId":"';
  }
  json += canonicalText(event.commandId);
  json += '","correlationId":"';
  json += canonicalText(event.correlationId);
  json += '","data":';
  json += dataJson;
  json += ',"effectiveOn":"';
  json += canonicalText(event.effectiveOn);
  json += '","id":"';
  json += canonicalText(event.id);
  json += '","metadata":';
  json += canonicalJson(event.metadata);
  json += ',"recordedAt":"';
  json += canonicalText(event.recordedAt);
  json += '","revision":';
  json += canonicalJson(event.revision);
  json += ',"schemaVersion":';
  json += canonicalJson(event.schemaVersion);
  json += ',"stream":"';
  json += canonicalText(event.stream);
  json += '","type":"';
  json += canonicalText(event.type);
  json += '"}';
  return json;
};

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
