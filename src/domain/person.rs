//! People who sign in: what a role may do, and whose papers it sees (design rule 14: everyone sees only their own office or
//! agency).

use crate::domain::access::{Agencies, Caller, Scope};
use crate::domain::leg::{Side, words};

words! {
    /// What somebody is here.
    Role {
        /// Giao dịch viên: takes in, scans, hands over, gives to postmen.
        PostClerk = "POST_CLERK",
        /// Bưu tá: collects at the door and delivers.
        Postman = "POSTMAN",
        /// Cán bộ một cửa: counts, signs, hands results out.
        DeskClerk = "DESK_CLERK",
        /// Phụ trách bưu cục: also settles the office's exceptions.
        PostSupervisor = "POST_SUPERVISOR",
        /// Phụ trách một cửa: also settles the agency's exceptions.
        AgencySupervisor = "AGENCY_SUPERVISOR",
        /// Giám sát của tỉnh: reads everything, without names.
        Oversight = "OVERSIGHT",
        /// Quản trị: accounts, messages, status codes.
        Administrator = "ADMINISTRATOR",
    }
}

words! {
    /// Something a person may do or see.
    Right {
        /// Take in a dossier at the counter or the door; manifests of intake.
        TakeIn = "TAKE_IN",
        /// Scan sessions of the office.
        Scan = "SCAN",
        /// Give dossiers to postmen.
        Assign = "ASSIGN",
        /// Log deliveries, failed attempts, invitations, returns.
        Deliver = "DELIVER",
        /// Open, count and sign handovers for one's side.
        Handover = "HANDOVER",
        /// The one-stop desk's pages.
        Desk = "DESK",
        /// Search and the dossier page.
        Dossier = "DOSSIER",
        /// Names, phones and addresses of a dossier (each look is on record), and search by phone.
        PersonalData = "PERSONAL_DATA",
        /// The work list: resolve, or propose to accept; messages about one's own legs, mended and replayed.
        Settle = "SETTLE",
        /// Every message, unreadable ones too; meanings of unknown status codes.
        Messages = "MESSAGES",
        /// Oversight's pages.
        Oversight = "OVERSIGHT",
        /// Reports of what one sees.
        Reports = "REPORTS",
        /// Accounts, offices, procedures.
        Accounts = "ACCOUNTS",
    }
}

/// Who may do what: the one table (issue of least privilege). Supervisors may do what their people may.
const RIGHTS: &[(Right, &[Role])] = &[
    (Right::TakeIn, &[Role::PostClerk, Role::Postman, Role::PostSupervisor]),
    (Right::Scan, &[Role::PostClerk, Role::Postman, Role::PostSupervisor]),
    (Right::Assign, &[Role::PostClerk, Role::PostSupervisor]),
    (Right::Deliver, &[Role::Postman, Role::PostClerk, Role::PostSupervisor]),
    (Right::Handover, &[Role::PostClerk, Role::Postman, Role::PostSupervisor, Role::DeskClerk, Role::AgencySupervisor]),
    (Right::Desk, &[Role::DeskClerk, Role::AgencySupervisor]),
    (
        Right::Dossier,
        &[
            Role::PostClerk,
            Role::Postman,
            Role::PostSupervisor,
            Role::DeskClerk,
            Role::AgencySupervisor,
            Role::Oversight,
        ],
    ),
    (
        Right::PersonalData,
        &[Role::PostClerk, Role::Postman, Role::PostSupervisor, Role::DeskClerk, Role::AgencySupervisor],
    ),
    (Right::Settle, &[Role::PostSupervisor, Role::AgencySupervisor, Role::Administrator]),
    (Right::Messages, &[Role::Administrator]),
    (Right::Oversight, &[Role::Oversight, Role::Administrator]),
    (Right::Reports, &[Role::Oversight, Role::Administrator, Role::PostSupervisor, Role::AgencySupervisor]),
    (Right::Accounts, &[Role::Administrator]),
];

impl Role {
    /// Whether the role has the right.
    pub fn may(self, right: Right) -> bool {
        RIGHTS.iter().any(|(known, roles)| *known == right && roles.contains(&self))
    }

    /// The side that the role speaks for.
    pub fn side(self) -> Side {
        match self {
            Role::PostClerk | Role::Postman | Role::PostSupervisor => Side::Post,
            Role::DeskClerk | Role::AgencySupervisor => Side::Agency,
            Role::Oversight | Role::Administrator => Side::Oversight,
        }
    }
}

/// Whose papers a person sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Those of one post office.
    PostOffice(String),
    /// Those of one agency.
    Agency(String),
    /// The whole province.
    Province,
}

/// Why a role and a reach do not fit: said to who makes the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Roles of the post need a post office.
    NeedsPostOffice,
    /// Roles of the desk need an agency.
    NeedsAgency,
    /// The others have neither.
    NeedsNeither,
}

impl Reach {
    /// The reach of a role with these codes.
    pub fn of(role: Role, post_office: Option<&str>, agency: Option<&str>) -> Result<Self, Unfit> {
        match (role.side(), post_office, agency) {
            (Side::Post, Some(code), None) => Ok(Reach::PostOffice(code.to_owned())),
            (Side::Post, _, _) => Err(Unfit::NeedsPostOffice),
            (Side::Agency, None, Some(code)) => Ok(Reach::Agency(code.to_owned())),
            (Side::Agency, _, _) => Err(Unfit::NeedsAgency),
            (Side::Oversight, None, None) => Ok(Reach::Province),
            (Side::Oversight, _, _) => Err(Unfit::NeedsNeither),
        }
    }
}

/// A person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: String,
    /// Name to sign in with.
    pub username: String,
    /// Full name, as it stands on papers.
    pub full_name: String,
    /// Title, as it stands on papers.
    pub title: Option<String>,
    /// Role.
    pub role: Role,
    /// Whose papers they see.
    pub reach: Reach,
}

impl Person {
    /// Whether they may.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// The caller that use cases see. Facts of one office come under one name, as those of a system would.
    pub fn caller(&self) -> Caller {
        let (counterpart, agencies, post_office) = match &self.reach {
            Reach::PostOffice(code) => (format!("post-office-{code}"), Agencies::All, Some(code.clone())),
            Reach::Agency(code) => (format!("desk-{code}"), Agencies::Only(vec![code.clone()]), None),
            Reach::Province => ("province".to_owned(), Agencies::All, None),
        };
        Caller {
            key_id: self.id.clone(),
            counterpart,
            side: self.role.side(),
            agencies,
            post_office,
            person: Some(self.id.clone()),
            scopes: vec![Scope::Read, Scope::Write],
        }
    }
}

/// Characters of a password, at least; longer is what makes it strong (NIST SP 800-63B 3.1.1.2).
pub const PASSWORD_CHARACTERS_MIN: usize = 10;
/// Characters of a password, at most.
pub const PASSWORD_CHARACTERS_MAX: usize = 128;
/// Digits of the PIN that a signature is made with.
pub const PIN_DIGITS: usize = 6;

/// Whether a text can be a PIN: six digits, not all alike and not in a row.
pub fn is_pin(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let steps =
        |step: i16| digits.windows(2).all(|pair| matches!(pair, [a, b] if i16::from(*b) - i16::from(*a) == step));
    text.len() == PIN_DIGITS && digits.len() == PIN_DIGITS && !steps(0) && !steps(1) && !steps(-1)
}

/// Whether a text can be a username: 3 to 40 of a–z 0–9 . - _
pub fn is_username(text: &str) -> bool {
    (3..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_is_somebodys_and_every_role_has_one() {
        for right in Right::ALL {
            assert_eq!(RIGHTS.iter().filter(|(known, _)| known == right).count(), 1, "{right}");
        }
        for role in Role::ALL {
            assert!(Right::ALL.iter().any(|right| role.may(*right)), "{role}");
        }
    }

    #[test]
    fn oversight_and_administrators_see_no_personal_data() {
        assert!(!Role::Oversight.may(Right::PersonalData));
        assert!(!Role::Administrator.may(Right::PersonalData));
    }

    #[test]
    fn a_role_needs_its_own_reach() {
        assert_eq!(Reach::of(Role::Postman, Some("980110"), None), Ok(Reach::PostOffice("980110".to_owned())));
        assert_eq!(Reach::of(Role::Postman, None, Some("H98.01")), Err(Unfit::NeedsPostOffice));
        assert_eq!(Reach::of(Role::DeskClerk, Some("980110"), Some("H98.01")), Err(Unfit::NeedsAgency));
        assert_eq!(Reach::of(Role::Oversight, Some("980110"), None), Err(Unfit::NeedsNeither));
    }

    #[test]
    fn pins_that_anybody_guesses_are_none() {
        assert!(is_pin("271956"));
        for bad in ["000000", "123456", "987654", "12345", "1234567", "12a456", "１23456"] {
            assert!(!is_pin(bad), "{bad}");
        }
    }
}
