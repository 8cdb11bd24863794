// Manifests to post: numbers that are valid and new, dates of today in Vietnam.

const DAY_MS = 86_400_000, VIETNAM_MS = 7 * 3_600_000;

/** A date of Vietnam as YYYY-MM-DD, so many days from today. */
export const day = (days = 0) => new Date(Date.now() + VIETNAM_MS + days * DAY_MS).toISOString().slice(0, 10);

/** An S10 number with its check digit. */
export function s10(service, serial, country = "VN") {
  const digits = String(serial).padStart(8, "0");
  const sum = [8, 6, 4, 2, 3, 5, 9, 7].reduce((all, weight, at) => all + weight * Number(digits[at]), 0);
  const check = { 10: 0, 11: 5 }[11 - (sum % 11)] ?? 11 - (sum % 11);
  return `${service}${digits}${check}${country}`;
}

const NAMES = ["Nguyễn Thị Mẫu", "Trần Văn Thử", "Lê Thị Thử Nghiệm", "Phạm Văn Giả Định"];
const STREETS = ["12 Trần Phú, phường Nha Trang", "Tổ 4, phường Bắc Nha Trang", "Thôn Đông, xã Vạn Ninh"];

/** Papers of one store: every number occurs once. */
export class Papers {
  #next = 1;
  #number() { return this.#next++; }

  dossierNo() { return `000.00.15.H32-${day(-3).slice(2).replaceAll("-", "")}-${String(this.#number()).padStart(4, "0")}`; }
  noteNo() { return `PG650100-${day().slice(2).replaceAll("-", "")}${String(this.#number()).padStart(4, "0")}`; }
  itemNumber() { return s10("CH", 65010000 + this.#number()); }

  /** A line: one original, two copies; `more` goes on top. */
  line(kind, lineNo, more = {}) {
    const n = this.#number();
    return {
      lineNo,
      dossierNo: this.dossierNo(),
      procedureCode: "1.002815",
      procedureName: "Cấp đổi giấy phép lái xe",
      party: {
        name: NAMES[n % NAMES.length],
        phone: `09000${String(n).padStart(5, "0")}`,
        address: { text: STREETS[n % STREETS.length], provinceCode: "56", communeCode: "22366" },
      },
      papers: [
        { name: kind === "RESULT" ? "Giấy phép lái xe" : "Đơn đề nghị đổi giấy phép lái xe", kind: "ORIGINAL", quantity: 1 },
        { name: "Căn cước", kind: "COPY", quantity: 2 },
      ],
      itemNumber: this.itemNumber(),
      feeToCollect: 135000,
      dueAt: `${day(1)}T17:00:00+07:00`,
      ...(kind === "INTAKE" && { consignmentNoteNo: this.noteNo() }),
      ...more,
    };
  }

  /** A manifest of agency H32.15 and post office 650100; `more` goes on top. */
  manifest(kind, lines, more = {}) {
    const all = typeof lines === "number" ? Array.from({ length: lines }, (_, at) => this.line(kind, at + 1)) : lines;
    const count = (of) => all.flatMap((line) => line.papers).filter((paper) => paper.kind === of).reduce((sum, paper) => sum + paper.quantity, 0);
    const fees = all.reduce((sum, line) => sum + (line.feeToCollect ?? 0), 0);
    return {
      manifestNo: `BK-H32.15-${day().replaceAll("-", "")}-S1-${String(this.#number()).padStart(3, "0")}`,
      legKind: kind, agencyCode: "H32.15", counterCode: "Q3", postOfficeCode: "650100", shiftDate: day(), shift: 1,
      totals: { lines: all.length, originals: count("ORIGINAL"), copies: count("COPY"), feeToCollect: fees },
      lines: all,
      ...more,
    };
  }
}
