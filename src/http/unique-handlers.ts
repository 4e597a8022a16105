import { Inject, Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { COMMAND_HANDLER_METADATA, QUERY_HANDLER_METADATA } from '@nestjs/cqrs/dist/decorators/constants';

/**
 * The bus takes a second handler for a command in silence in place of the first; then half of the ledger's rules might
 * be somebody else's. The service does not start with two.
 */
@Injectable()
export class UniqueHandlers implements OnModuleInit {
  readonly #discovery: DiscoveryService;

  constructor(@Inject(DiscoveryService) discovery: DiscoveryService) {
    this.#discovery = discovery;
  }

  onModuleInit(): void {
    requireUniqueHandlers(
      this.#discovery
        .getProviders()
        .flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype as Type] : [])),
    );
  }
}

/** @throws Error that names the message with two handlers */
export const requireUniqueHandlers = (classes: readonly Type[]): void => {
  const handlers = new Map<unknown, Type>();
  for (const each of new Set(classes)) {
    const message =
      (Reflect.getMetadata(COMMAND_HANDLER_METADATA, each) as Type | undefined) ??
      (Reflect.getMetadata(QUERY_HANDLER_METADATA, each) as Type | undefined);
    if (message === undefined) continue;
    const other = handlers.get(message);
    if (other !== undefined) throw new Error(`${message.name} has two handlers: ${other.name} and ${each.name}`);
    handlers.set(message, each);
  }
};
