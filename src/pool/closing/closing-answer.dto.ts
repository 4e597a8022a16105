import { ApiProperty } from '@nestjs/swagger';

import { CommandAnswerBody } from '../../http/command-route';
import type { ClosingAnswer } from '../../ledger/closing';

class SealBody {
  @ApiProperty({ description: '覆盖的事件数 · events that it covers', type: Number, example: 57 })
  readonly size: number;

  @ApiProperty({ description: '树根（base64）· root of the tree', type: String })
  readonly root: string;
}

class NotSealedBody {
  @ApiProperty({ type: String, example: 'NOT_SEALED' })
  readonly code: string;

  @ApiProperty({ type: String })
  readonly message: string;

  @ApiProperty({ type: String })
  readonly messageEn: string;

  @ApiProperty({ type: String })
  readonly remedy: string;

  @ApiProperty({ type: String })
  readonly remedyEn: string;
}

/** What came of closing a period. */
export class ClosingAnswerBody extends CommandAnswerBody {
  @ApiProperty({
    description:
      '封存该结账的检查点；null 表示结账已生效而未能封存 · checkpoint that seals it; null: closed, not sealed',
    type: SealBody,
    nullable: true,
  })
  readonly checkpoint: ClosingAnswer['checkpoint'];

  @ApiProperty({ description: '未能封存的原因和办法 · why not, and what to do', type: NotSealedBody, nullable: true })
  readonly notSealed: ClosingAnswer['notSealed'];
}
