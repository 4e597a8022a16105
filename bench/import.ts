export { generatePaymentsWorkbook } from './support/payments-workbook';
