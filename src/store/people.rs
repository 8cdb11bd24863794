//! People, their sessions, and what pages need to know of places: short reads and writes of their own.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people_rows::{
    AuditRow, OwnSecretRow, PersonRow, PlaceRow, ProcedureRow, SessionRow, SignInFailureRow,
};
use crate::store::schema::{audit, own_secret, person, place, procedure_list, session, sign_in_failure};
use crate::store::{Store, WriteSet, tallies};

/// The person with this username.
pub fn by_username(db: &mut Db<'_>, username: &str) -> Result<Option<PersonRow>, StoreError> {
    Ok(on!(db, |c| person::table
        .filter(person::username.eq(username))
        .select(PersonRow::as_select())
        .first(c)
        .optional())?)
}

/// The person with this id.
pub fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<PersonRow>, StoreError> {
    Ok(on!(db, |c| person::table.find(id).select(PersonRow::as_select()).first(c).optional())?)
}

/// The person whom a provider of accounts knows by this subject.
pub fn by_provider(db: &mut Db<'_>, provider: &str, subject: &str) -> Result<Option<PersonRow>, StoreError> {
    Ok(on!(db, |c| person::table
        .filter(person::provider.eq(provider))
        .filter(person::provider_subject.eq(subject))
        .select(PersonRow::as_select())
        .first(c)
        .optional())?)
}

/// Everybody, by username.
pub fn everybody(db: &mut Db<'_>) -> Result<Vec<PersonRow>, StoreError> {
    Ok(on!(db, |c| person::table.order(person::username).select(PersonRow::as_select()).load(c))?)
}

/// The people of one post office, by name.
pub fn of_post_office(db: &mut Db<'_>, code: &str) -> Result<Vec<PersonRow>, StoreError> {
    Ok(on!(db, |c| person::table
        .filter(person::post_office_code.eq(code))
        .filter(person::disabled_at_us.is_null())
        .order(person::full_name)
        .select(PersonRow::as_select())
        .load(c))?)
}

/// The session of a token, with its person.
pub fn session(db: &mut Db<'_>, token_sha256: &str) -> Result<Option<(SessionRow, PersonRow)>, StoreError> {
    Ok(on!(db, |c| session::table
        .inner_join(person::table.on(person::id.eq(session::person_id)))
        .filter(session::token_sha256.eq(token_sha256))
        .select((SessionRow::as_select(), PersonRow::as_select()))
        .first(c)
        .optional())?)
}

/// How many sign-ins of a subject failed since an instant.
pub fn failures(db: &mut Db<'_>, subject: &str, since_us: i64) -> Result<i64, StoreError> {
    Ok(on!(db, |c| sign_in_failure::table
        .filter(sign_in_failure::subject.eq(subject))
        .filter(sign_in_failure::at_us.ge(since_us))
        .count()
        .get_result(c))?)
}

/// Every place of a kind, by code.
pub fn places(db: &mut Db<'_>, kind: &str) -> Result<Vec<PlaceRow>, StoreError> {
    Ok(on!(db, |c| place::table.filter(place::kind.eq(kind)).order(place::code).select(PlaceRow::as_select()).load(c))?)
}

/// One place.
pub fn place(db: &mut Db<'_>, kind: &str, code: &str) -> Result<Option<PlaceRow>, StoreError> {
    Ok(on!(db, |c| place::table.find((kind, code)).select(PlaceRow::as_select()).first(c).optional())?)
}

/// Every procedure, by code.
pub fn procedures(db: &mut Db<'_>) -> Result<Vec<ProcedureRow>, StoreError> {
    Ok(on!(db, |c| procedure_list::table
        .order((procedure_list::code, procedure_list::agency_code))
        .select(ProcedureRow::as_select())
        .load(c))?)
}

/// What a person did, newest first.
pub fn acts(db: &mut Db<'_>, person_id: &str, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    Ok(on!(db, |c| audit::table
        .filter(audit::person_id.eq(person_id))
        .order((audit::at_us.desc(), audit::id.desc()))
        .limit(limit)
        .select(AuditRow::as_select())
        .load(c))?)
}

/// The procedures of these codes, by code and agency.
pub fn procedures_of_codes(db: &mut Db<'_>, codes: &[String]) -> Result<Vec<ProcedureRow>, StoreError> {
    Ok(on!(db, |c| procedure_list::table
        .filter(procedure_list::code.eq_any(codes))
        .order((procedure_list::code, procedure_list::agency_code))
        .select(ProcedureRow::as_select())
        .load(c))?)
}

impl Store {
    /// Adds a person; a username that is taken is a conflict.
    pub fn insert_person(&self, row: PersonRow, act: AuditRow) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(person::table).values(&row).execute(c))?;
            add_act(db, &act)
        })
    }

    /// Replaces everything of a person but the username; with `ends_sessions` nobody stays signed in as them. False when there is none.
    pub fn replace_person(&self, row: PersonRow, ends_sessions: bool, act: AuditRow) -> Result<bool, StoreError> {
        self.write(move |db| {
            let rows = on!(db, |c| diesel::update(person::table.find(&row.id))
                .set((
                    person::full_name.eq(&row.full_name),
                    person::title.eq(&row.title),
                    person::role.eq(&row.role),
                    person::post_office_code.eq(&row.post_office_code),
                    person::agency_code.eq(&row.agency_code),
                    person::password_hash.eq(&row.password_hash),
                    person::pin_hash.eq(&row.pin_hash),
                    person::must_change.eq(row.must_change),
                    person::provider.eq(&row.provider),
                    person::provider_subject.eq(&row.provider_subject),
                    person::disabled_at_us.eq(row.disabled_at_us),
                ))
                .execute(c))?;
            if ends_sessions {
                on!(db, |c| diesel::delete(session::table.filter(session::person_id.eq(&row.id))).execute(c))?;
            }
            add_act(db, &act)?;
            Ok(rows == 1)
        })
    }

    /// Begins a session.
    pub fn insert_session(&self, row: SessionRow, act: AuditRow) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(session::table).values(&row).execute(c))?;
            add_act(db, &act)
        })
    }

    /// Notes that a session is in use.
    pub fn touch_session(&self, token_sha256: String, seen_at_us: i64) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::update(session::table.find(&token_sha256))
                .set(session::seen_at_us.eq(seen_at_us))
                .execute(c))?;
            Ok(())
        })
    }

    /// Ends a session.
    pub fn delete_session(&self, token_sha256: String, act: AuditRow) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::delete(session::table.find(&token_sha256)).execute(c))?;
            add_act(db, &act)
        })
    }

    /// Forgets sessions and failed sign-ins that ended before these instants.
    pub fn forget_sessions(&self, ended_before_us: i64, failed_before_us: i64) -> Result<usize, StoreError> {
        self.write(move |db| {
            let sessions =
                on!(db, |c| diesel::delete(session::table.filter(session::ends_at_us.lt(ended_before_us))).execute(c))?;
            let failures = on!(db, |c| diesel::delete(
                sign_in_failure::table.filter(sign_in_failure::at_us.lt(failed_before_us))
            )
            .execute(c))?;
            Ok(sessions + failures)
        })
    }

    /// Records a failed sign-in under each of its subjects.
    pub fn insert_failures(&self, rows: Vec<SignInFailureRow>, act: AuditRow) -> Result<(), StoreError> {
        self.write(move |db| {
            for row in &rows {
                on!(db, |c| diesel::insert_into(sign_in_failure::table).values(row).execute(c))?;
            }
            add_act(db, &act)
        })
    }

    /// Adds an act of a person that no write set carries.
    pub fn insert_act(&self, act: AuditRow) -> Result<(), StoreError> {
        self.commit(WriteSet { acts: vec![act], ..WriteSet::default() })
    }

    /// Loads places and procedures: those that are there are replaced, others stay.
    pub fn load_directory(&self, places: Vec<PlaceRow>, procedures: Vec<ProcedureRow>) -> Result<(), StoreError> {
        self.write(move |db| {
            for row in &places {
                on!(db, |c| diesel::delete(place::table.find((&row.kind, &row.code))).execute(c))?;
                on!(db, |c| diesel::insert_into(place::table).values(row).execute(c))?;
            }
            let mut changed = BTreeSet::new();
            for row in &procedures {
                let before: Option<String> = on!(db, |c| procedure_list::table
                    .find((&row.code, &row.agency_code))
                    .select(procedure_list::papers)
                    .first(c)
                    .optional())?;
                if before.as_ref() != Some(&row.papers) {
                    changed.insert((row.code.clone(), row.agency_code.clone()));
                }
                on!(db, |c| diesel::delete(procedure_list::table.find((&row.code, &row.agency_code))).execute(c))?;
                on!(db, |c| diesel::insert_into(procedure_list::table).values(row).execute(c))?;
            }
            // Papers to take back are counted, and originals known as lent, by the checklist.
            tallies::mark_procedures_due(db, &changed)?;
            // Terms of cases are counted with the days of their procedures.
            crate::store::clocks::derive_all_anew(db)
        })
    }

    /// A secret of our own, made when it is first asked for; of two makers the first one's stands.
    pub fn own_secret(&self, name: &str, fresh: impl FnOnce() -> String) -> Result<String, StoreError> {
        let find = |db: &mut Db<'_>, name: &str| -> Result<Option<String>, StoreError> {
            Ok(on!(db, |c| own_secret::table.find(name).select(own_secret::value).first(c).optional())?)
        };
        if let Some(value) = self.read(|db| find(db, name))? {
            return Ok(value);
        }
        let row = OwnSecretRow { name: name.to_owned(), value: fresh() };
        let name = name.to_owned();
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(own_secret::table).values(&row).on_conflict_do_nothing().execute(c))?;
            find(db, &name)?.ok_or_else(|| StoreError::Conflict("own secret".to_owned()))
        })
    }
}

pub(in crate::store) fn add_act(db: &mut Db<'_>, act: &AuditRow) -> Result<(), StoreError> {
    on!(db, |c| diesel::insert_into(audit::table).values(act).execute(c))?;
    Ok(())
}
