import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { PACKAGE_ROOT } from '../platform/version';
import { ledgerPage } from './ledger-page';

writeFileSync(join(PACKAGE_ROOT, 'docs', 'ledgers.md'), ledgerPage('en'));
writeFileSync(join(PACKAGE_ROOT, 'docs', 'ledgers.zh-CN.md'), ledgerPage('zh'));
