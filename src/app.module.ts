import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';

import { BookmarkController } from './audit/bookmarks/bookmark.controller';
import { BookmarkHandler, BookmarksHandler, SetBookmarkHandler } from './audit/bookmarks/bookmark.handler';
import { CommandInterceptor } from './http/command-route';
import { HealthController } from './http/health.controller';
import { LogController } from './http/log/log.controller';
import { ConsistencyHandler, InclusionHandler, ProofsController } from './http/log/proofs.controller';
import { LOGGER, ProblemFilter } from './http/problem.filter';
import { BalancesController, BalancesHandler } from './http/reading/balances.controller';
import { ClosingsController, ClosingsHandler } from './http/reading/closings.controller';
import { DiffController, DiffHandler } from './http/reading/diff.controller';
import { EventHandler, EventsController, EventsHandler } from './http/reading/events.controller';
import { HistoryController, HistoryHandler } from './http/reading/history.controller';
import { LinesController, LinesHandler } from './http/reading/lines.controller';
import { MovementsController, MovementsHandler } from './http/reading/movements.controller';
import { ProvenanceController, ProvenanceHandler } from './http/reading/provenance.controller';
import {
  ChannelsHandler,
  DepartmentsHandler,
  DivisionsHandler,
  ProjectsHandler,
  PurposesHandler,
  RegistryListsController,
} from './http/reading/registry-lists.controller';
import { TraceController, TraceHandler } from './http/reading/trace.controller';
import { requestPipe } from './http/request-pipe';
import { ServiceState } from './http/service-state';
import { UniqueHandlers } from './http/unique-handlers';
import { BearerGuard, TOKEN_KEYS } from './identity/bearer.guard';
import type { TokenKeys } from './identity/tokens';
import { Ledger } from './ledger/ledger';
import type { Logger } from './platform/logging';
import { Metrics } from './platform/metrics';
import { AllocateFundsController } from './pool/allocating/allocate-funds.controller';
import { AllocateFundsHandler } from './pool/allocating/allocate-funds.handler';
import { AppropriateFundsController } from './pool/appropriating/appropriate-funds.controller';
import { AppropriateFundsHandler } from './pool/appropriating/appropriate-funds.handler';
import { CarryOverFundsController } from './pool/carrying-over/carry-over-funds.controller';
import { CarryOverFundsHandler } from './pool/carrying-over/carry-over-funds.handler';
import { ClosePeriodController } from './pool/closing/close-period.controller';
import { CloseMonthHandler, CloseYearHandler } from './pool/closing/close-period.handler';
import { ReopenPeriodController } from './pool/closing/reopen-period.controller';
import { ApproveReopeningHandler, RequestReopeningHandler } from './pool/closing/reopen-period.handler';
import { ReverseEntryController } from './pool/correcting/reverse-entry.controller';
import { ReverseEntryHandler } from './pool/correcting/reverse-entry.handler';
import { PaymentController } from './pool/disbursing/payment.controller';
import {
  ApprovePaymentHandler,
  CancelPaymentHandler,
  ExecutePaymentHandler,
  RecordPaymentHandler,
  RequestPaymentHandler,
  ReturnPaymentHandler,
} from './pool/disbursing/payment.handler';
import { IntegrateFundsController } from './pool/integrating/integrate-funds.controller';
import { IntegrateFundsHandler } from './pool/integrating/integrate-funds.handler';
import { ReallocateFundsController } from './pool/reallocating/reallocate-funds.controller';
import { ReallocateFundsHandler } from './pool/reallocating/reallocate-funds.handler';
import { RecallFundsController } from './pool/recalling/recall-funds.controller';
import { RecallFundsHandler } from './pool/recalling/recall-funds.handler';
import { RecordCashController } from './pool/receiving-cash/record-cash.controller';
import { RecordCashHandler } from './pool/receiving-cash/record-cash.handler';
import { RepurposeFundsController } from './pool/repurposing/repurpose-funds.controller';
import { RepurposeFundsHandler } from './pool/repurposing/repurpose-funds.handler';
import { TransferFundsController } from './pool/transferring/transfer-funds.controller';
import { TransferFundsHandler } from './pool/transferring/transfer-funds.handler';
import { RegisterProjectController } from './project-library/register-project.controller';
import { RegisterProjectHandler } from './project-library/register-project.handler';
import { RegisterChannelController } from './registry/channels/register-channel.controller';
import { RegisterChannelHandler } from './registry/channels/register-channel.handler';
import { RegisterDepartmentController } from './registry/departments/register-department.controller';
import { RegisterDepartmentHandler } from './registry/departments/register-department.handler';
import { RegisterDivisionController } from './registry/divisions/register-division.controller';
import { RegisterDivisionHandler } from './registry/divisions/register-division.handler';
import { RegisterPurposeController } from './registry/purposes/register-purpose.controller';
import { RegisterPurposeHandler } from './registry/purposes/register-purpose.handler';

/** What the service works on. */
export interface Surroundings {
  readonly ledger: Ledger;
  readonly keys: TokenKeys;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly state: ServiceState;
}

/** In the order in which the documentation shows them: a year of money from its registry to its closing. */
const CONTROLLERS: readonly Type[] = [
  RegisterDivisionController,
  RegisterDepartmentController,
  RegisterPurposeController,
  RegisterChannelController,
  RegisterProjectController,
  AppropriateFundsController,
  RecordCashController,
  IntegrateFundsController,
  TransferFundsController,
  AllocateFundsController,
  ReallocateFundsController,
  RepurposeFundsController,
  PaymentController,
  RecallFundsController,
  CarryOverFundsController,
  ReverseEntryController,
  ClosePeriodController,
  ReopenPeriodController,
  BalancesController,
  LinesController,
  MovementsController,
  EventsController,
  ClosingsController,
  TraceController,
  RegistryListsController,
  ProvenanceController,
  DiffController,
  HistoryController,
  BookmarkController,
  ProofsController,
  LogController,
  HealthController,
];

const HANDLERS: readonly Provider[] = [
  RegisterDivisionHandler,
  RegisterDepartmentHandler,
  RegisterPurposeHandler,
  RegisterChannelHandler,
  RegisterProjectHandler,
  AppropriateFundsHandler,
  RecordCashHandler,
  IntegrateFundsHandler,
  TransferFundsHandler,
  AllocateFundsHandler,
  ReallocateFundsHandler,
  RepurposeFundsHandler,
  RequestPaymentHandler,
  ApprovePaymentHandler,
  ExecutePaymentHandler,
  RecordPaymentHandler,
  CancelPaymentHandler,
  ReturnPaymentHandler,
  RecallFundsHandler,
  CarryOverFundsHandler,
  ReverseEntryHandler,
  CloseMonthHandler,
  CloseYearHandler,
  RequestReopeningHandler,
  ApproveReopeningHandler,
  BalancesHandler,
  LinesHandler,
  MovementsHandler,
  EventsHandler,
  EventHandler,
  ClosingsHandler,
  TraceHandler,
  InclusionHandler,
  ConsistencyHandler,
  DivisionsHandler,
  DepartmentsHandler,
  ChannelsHandler,
  PurposesHandler,
  ProjectsHandler,
  ProvenanceHandler,
  DiffHandler,
  HistoryHandler,
  SetBookmarkHandler,
  BookmarksHandler,
  BookmarkHandler,
];

/** Every use case over HTTP. */
@Module({})
export class AppModule {
  static on({ ledger, keys, logger, metrics, state }: Surroundings): DynamicModule {
    return {
      module: AppModule,
      imports: [CqrsModule.forRoot(), DiscoveryModule],
      controllers: [...CONTROLLERS],
      providers: [
        { provide: Ledger, useValue: ledger },
        { provide: TOKEN_KEYS, useValue: keys },
        { provide: LOGGER, useValue: logger },
        { provide: Metrics, useValue: metrics },
        { provide: ServiceState, useValue: state },
        { provide: APP_GUARD, useClass: BearerGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: requestPipe },
        CommandInterceptor,
        UniqueHandlers,
        ...HANDLERS,
      ],
    };
  }
}
