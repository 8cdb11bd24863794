//! What people read of each kind of discrepancy: what it is called, what to do next, and what the agency's desk does where that differs.

use crate::domain::discrepancy::Kind;
use crate::domain::problem::Language as Lang;

/// Vietnamese and English.
type Text = (&'static str, &'static str);

struct Words {
    called: Text,
    next: Text,
    at_desk: Option<Text>,
}

const fn words(called: Text, next: Text) -> Words {
    Words { called, next, at_desk: None }
}

impl Words {
    const fn at_desk(self, next: Text) -> Words {
        Words { at_desk: Some(next), ..self }
    }
}

const fn of(kind: Kind) -> Words {
    match kind {
        Kind::StateConflict => words(
            ("Trạng thái mâu thuẫn", "Contradicting state"),
            (
                "Hai sổ không thể cùng đúng. Hỏi bên báo sau, rồi ghi rõ sổ nào đúng.",
                "Both books cannot be right. Ask who reported last, then say which stands.",
            ),
        )
        .at_desk((
            "Xem dòng thời gian, hỏi bưu cục tin nào đúng.",
            "Look at the time line and ask the post office which report is right.",
        )),
        Kind::CountMismatch => words(
            ("Lệch số bản chính, bản sao", "Originals or copies differ"),
            (
                "Đếm lại giấy tờ. Nếu bảng kê sai, nhờ bên lập sửa.",
                "Count the papers again. If the manifest is wrong, its maker mends it.",
            ),
        )
        .at_desk((
            "Đếm lại cùng bưu tá, đối chiếu phiếu gửi.",
            "Count again with the postman against the consignment note.",
        )),
        Kind::NoIdNote => words(
            ("Đã phát, thiếu bằng chứng", "Delivered without proof"),
            (
                "Xin bưu tá bổ sung chữ ký, ảnh hoặc việc kiểm tra giấy tờ người nhận.",
                "Ask the postman for the signature, photo or identity check.",
            ),
        )
        .at_desk((
            "Yêu cầu bưu cục bổ sung người nhận và giấy tờ đã xem.",
            "Ask the post office to add who received it and which paper was seen.",
        )),
        Kind::PartialDelivery => words(
            ("Phát một phần", "Partly delivered"),
            ("Hỏi phần còn lại đang ở đâu, hẹn phát nốt hoặc chuyển hoàn.", "Find the rest; deliver it or return it."),
        )
        .at_desk(("Xác định phần còn lại đang ở đâu.", "Find out where the rest is.")),
        Kind::ReporterNotEntitled => words(
            ("Báo ngoài thẩm quyền", "Said by the wrong side"),
            ("Đề nghị đúng bên có thẩm quyền báo lại.", "Have the side whose word it is report it."),
        )
        .at_desk(("Chờ tin của bên có quyền, hoặc gọi bên đó.", "Wait for the entitled side's word, or call them.")),
        Kind::UnmappedStatus => words(
            ("Mã trạng thái lạ", "Unknown status code"),
            ("Gán nghĩa cho mã; cần hai quản trị viên.", "Give the code a meaning; it takes two administrators."),
        )
        .at_desk((
            "Quản trị khai nghĩa của mã; hồ sơ tự cập nhật.",
            "The administrator says what the code means; the dossier follows.",
        )),
        Kind::UnmatchedFact => words(
            ("Tin không khớp hồ sơ nào", "Report that fits no dossier"),
            (
                "Tìm hồ sơ theo số đã báo; thường do bảng kê đến sau.",
                "Find the dossier; often its manifest comes later.",
            ),
        )
        .at_desk(("Kiểm tra số hiệu, số phiếu gửi trong tin.", "Check the item and note numbers of the report.")),
        Kind::FactChanged => words(
            ("Cùng một tin, nội dung khác", "Same report, other content"),
            ("Hỏi bên gửi nội dung nào đúng.", "Ask the sender which content is right."),
        )
        .at_desk(("Hỏi bên gửi bản nào đúng.", "Ask the sender which one is right.")),
        Kind::DossierNumberConflict => words(
            ("Lệch mã hồ sơ", "Dossier numbers differ"),
            ("Đối chiếu mã hồ sơ với phần mềm một cửa.", "Check the number in the one-stop software."),
        )
        .at_desk(("Tra hệ thống một cửa, giữ mã đúng.", "Look into the one-stop software and keep the right number.")),
        Kind::HandoverMissing => words(
            ("Thiếu khi giao nhận", "Missing at the handover"),
            ("Tìm hồ sơ ở bên giao ngay trong ngày.", "Look for it with the giving side today."),
        )
        .at_desk((
            "Bưu điện tìm và giao bù; hồ sơ vẫn do bên giao giữ.",
            "The post looks for it and gives it later; the giver still holds it.",
        )),
        Kind::HandoverCountDiffers => words(
            ("Lệch số khi giao nhận", "Counts differ at the handover"),
            ("Hai bên đếm lại trước mặt nhau.", "Both sides count again together."),
        )
        .at_desk((
            "Đối chiếu phiếu gửi, bổ sung giấy tờ rồi giao lại.",
            "Compare with the consignment note, add what is missing, hand over again.",
        )),
        Kind::HandoverSealDamaged => words(
            ("Niêm phong hư khi giao nhận", "Seal damaged at the handover"),
            ("Lập biên bản, kiểm đủ giấy tờ bên trong.", "Record it and check the papers inside."),
        )
        .at_desk((
            "Mở và kiểm đếm cùng bưu tá, lập biên bản, rồi giao lại.",
            "Open and count it with the postman, note it, then hand over again.",
        )),
        Kind::HandoverUnreadable => words(
            ("Nhãn không đọc được", "Label cannot be read"),
            ("In lại nhãn, đối chiếu số phiếu gửi.", "Print the label again; check the note number."),
        )
        .at_desk(("Bưu cục in lại nhãn rồi giao lại.", "The post office prints the label again and hands over again.")),
        Kind::HandoverWrongAgency => words(
            ("Nhầm cơ quan nhận", "Meant for another agency"),
            ("Chuyển đúng cơ quan, báo bên giao.", "Pass it to the right agency; tell the giver."),
        )
        .at_desk(("Bưu điện chuyển đến cơ quan đúng.", "The post takes it to the right agency.")),
        Kind::HandoverExtra => words(
            ("Thừa, không có trên bảng kê", "Extra, not on the manifest"),
            ("Xác định hồ sơ này thuộc bảng kê nào.", "Find the manifest it belongs to."),
        )
        .at_desk((
            "Xác định của ai; lập biên bản giao nhận riêng.",
            "Find out whose it is; make a handover of its own.",
        )),
        Kind::NotAtOperator => words(
            ("Bưu chính không có yêu cầu", "The post does not have the order"),
            (
                "Nếu bị từ chối: xem lý do, sửa rồi lập yêu cầu mới. Nếu thất lạc: gửi lại.",
                "If refused: read why, mend it and order anew. If it was lost: send it again.",
            ),
        )
        .at_desk((
            "Xem lý do từ chối, sửa thông tin rồi gửi lại.",
            "Read why, correct what was sent and send it again.",
        )),
        Kind::NotInOurBook => words(
            ("Bưu chính có, sổ không có", "In the post's book, not in ours"),
            (
                "Tìm hồ sơ theo số hiệu; hỏi bưu cục nhận từ ai, theo bảng kê nào.",
                "Find the dossier by its number; ask the office who gave it, on which manifest.",
            ),
        ),
        Kind::DeliveredNotConfirmed => words(
            ("Bưu chính đã phát, sổ chưa xác nhận", "Delivered in the post's book, not confirmed here"),
            (
                "Xin bằng chứng phát: người nhận, giấy tờ đã xem, chữ ký hoặc ảnh.",
                "Ask for the proof: receiver, identity paper seen, signature or photo.",
            ),
        ),
        Kind::ConfirmedNotDelivered => words(
            ("Sổ đã xác nhận, bưu chính chưa phát", "Confirmed here, not delivered in the post's book"),
            (
                "Đối chiếu bằng chứng phát với bưu cục; xác định sổ nào đúng.",
                "Compare the proof of delivery with the office; find which book stands.",
            ),
        ),
        Kind::ReturnedNotReceived => words(
            ("Bưu chính đã hoàn, chưa ai ký nhận", "Returned in the post's book, nobody signed for it"),
            (
                "Tìm hồ sơ ngay ở bưu cục và bộ phận một cửa, rồi ký giao nhận.",
                "Look for it at the office and the desk now, then sign the handover.",
            ),
        ),
        Kind::SealMismatch => words(
            ("Lệch số niêm phong", "Seal numbers differ"),
            (
                "Kiểm niêm phong và giấy tờ bên trong, lập biên bản.",
                "Check the seal and the papers inside, and record it.",
            ),
        ),
        Kind::ReceiverMismatch => words(
            ("Lệch người nhận", "Receivers differ"),
            (
                "Hỏi bưu tá đã phát cho ai; đối chiếu giấy ủy quyền.",
                "Ask the postman who took it; check the authorisation.",
            ),
        ),
        Kind::DuplicateOrder => words(
            ("Một hồ sơ hai yêu cầu", "Two orders for one dossier"),
            (
                "Hủy yêu cầu thừa bên bưu chính trước khi đi thu gom.",
                "Cancel the extra order at the post before it is collected.",
            ),
        ),
        Kind::DuplicateItemCode => words(
            ("Lệch số hiệu bưu gửi", "Item numbers differ"),
            ("Đối chiếu số hiệu trên bưu gửi.", "Check the number on the item."),
        )
        .at_desk(("Giữ số trên nhãn của bưu chính.", "Keep the number on the post's label.")),
        Kind::BadItemNumber => words(
            ("Số hiệu bưu gửi sai", "Item number is wrong"),
            (
                "Đọc lại số trên bưu gửi, sửa ở nơi nhập.",
                "Read the number on the item again and correct it at its source.",
            ),
        ),
        Kind::ReturnedNotClosed => words(
            ("Đã trả kết quả, một cửa chưa đóng", "Delivered, case not closed"),
            (
                "Đóng hồ sơ trên phần mềm một cửa, ghi ngày trả theo phiếu phát.",
                "Close the case in the one-stop software with the day of delivery.",
            ),
        ),
        Kind::ClosedNotDelivered => words(
            ("Một cửa đã đóng, chưa có bằng chứng trả", "Case closed, no proof of delivery"),
            (
                "Mở lại hồ sơ, hoặc tìm bằng chứng người dân đã nhận.",
                "Open the case again, or find the proof that the citizen has the result.",
            ),
        ),
        Kind::SentNeverSigned => words(
            ("Báo đã giao, chưa ký biên bản", "Said to be handed over, never signed"),
            ("Tìm hồ sơ, đếm và ký biên bản giao nhận.", "Find the papers, count them and sign the handover."),
        ),
        Kind::SignedNoCase => words(
            ("Đã ký nhận, chưa mở hồ sơ", "Signed for, no case opened"),
            (
                "Mở hồ sơ trên phần mềm một cửa và gửi mã hồ sơ.",
                "Open the case in the one-stop software and send its number.",
            ),
        ),
        Kind::CaseNoItem => words(
            ("Một cửa có, không có phiếu gửi", "Case sent by post, no consignment"),
            (
                "Kiểm xem hồ sơ đã giao bưu điện chưa; nếu chưa, lên bảng kê.",
                "Check whether it was given to the post; if not, put it on a manifest.",
            ),
        ),
        Kind::ItemNoCase => words(
            ("Có phiếu gửi, một cửa không có hồ sơ", "Consignment without a case"),
            ("Đối chiếu mã hồ sơ với phần mềm một cửa.", "Check the dossier number in the one-stop software."),
        ),
        Kind::StaleCustody => words(
            ("Bưu chính giữ quá lâu", "Stuck at the post"),
            ("Hỏi bưu cục hồ sơ đang ở đâu, ai cầm.", "Ask the office where it is and who has it."),
        ),
        Kind::LateLeg => words(
            ("Quá hạn chuyển phát J+n", "Transit limit J+n missed"),
            (
                "Đôn đốc phát ngay; ghi lý do trễ, xem mức bồi hoàn cước.",
                "Have it delivered now; note why it is late and whether postage is refunded.",
            ),
        ),
        Kind::LateHandover => words(
            ("Giao nhận trễ", "Handed over late"),
            (
                "Ghi lý do; xem giờ chốt 15:00 và lịch chuyến thư.",
                "Note the reason; check the 15:00 cut-off and the rounds.",
            ),
        ),
        Kind::FilingGap => words(
            ("Mở hồ sơ trễ sau khi ký nhận", "Case opened late after signing"),
            ("Nhắc bộ phận một cửa mở hồ sơ ngay khi ký nhận.", "Remind the desk to open the case when it signs."),
        ),
        Kind::PrematureReturn => words(
            ("Chuyển hoàn sớm", "Returned too early"),
            (
                "Giữ lại, mời lần hai đủ hai ngày làm việc, rồi mới hoàn.",
                "Keep it, invite a second time two working days later, then return it.",
            ),
        ),
        Kind::SecondSupplement => words(
            ("Yêu cầu bổ sung lần hai", "Second request for a supplement"),
            (
                "Luật chỉ cho yêu cầu một lần; ghi giải trình của cơ quan.",
                "The law allows one request; note the agency's explanation.",
            ),
        ),
        Kind::SecondReappointment => words(
            ("Hẹn lại lần hai", "Second new date"),
            (
                "Luật chỉ cho hẹn lại một lần; ghi giải trình của cơ quan.",
                "The law allows one new date; note the agency's explanation.",
            ),
        ),
        Kind::CloseAfter15dDue => words(
            ("Quá 15 ngày chưa bổ sung", "Supplement not completed in 15 days"),
            (
                "Đóng hồ sơ và chuyển trả giấy tờ đang giữ cho người dân.",
                "Close the case and send the papers held back to the citizen.",
            ),
        ),
        Kind::UnreturnedOriginal => words(
            ("Bản chính chưa trả lại", "Original not returned"),
            ("Tìm bản chính và trả lại người dân.", "Find the original and give it back to the citizen."),
        ),
        Kind::PapersNotRecovered => words(
            ("Chưa thu lại giấy tờ cũ", "Old papers not recovered"),
            (
                "Hẹn người dân thu lại giấy tờ, hoặc lập cam kết mất.",
                "Arrange to take the papers back, or have their loss declared.",
            ),
        ),
        Kind::FeeNotRemitted => words(
            ("Lệ phí quá hạn nộp", "Fee not paid over in time"),
            ("Nộp tiền cho cơ quan và ghi số biên lai.", "Pay it over to the agency and record the receipt number."),
        ),
        Kind::FeeMismatch => words(
            ("Lệch số tiền lệ phí", "Fee amounts differ"),
            ("Đối chiếu biên lai của hai bên.", "Compare the receipts of both sides."),
        ),
    }
}

/// What it is called.
pub fn called(kind: Kind, lang: Lang) -> &'static str {
    let (vi, en) = of(kind).called;
    lang.pick(vi, en)
}

/// What to do next.
pub fn next(kind: Kind, lang: Lang) -> &'static str {
    let (vi, en) = of(kind).next;
    lang.pick(vi, en)
}

/// What the agency's desk does next.
pub fn next_at_desk(kind: Kind, lang: Lang) -> &'static str {
    let words = of(kind);
    let (vi, en) = words.at_desk.unwrap_or(words.next);
    lang.pick(vi, en)
}
