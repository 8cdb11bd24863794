//! The words of a leg (chặng): its kind, its states, its holders, the sides that speak about it.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// As it is written in the contract and in rows.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// Reads the written form, exactly.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// One trip of one dossier's papers in one direction.
    LegKind {
        /// Thu gom: citizen → post → agency.
        Intake = "INTAKE",
        /// Trả kết quả: agency → post → citizen.
        Result = "RESULT",
    }
}

words! {
    /// Who a key or a signature speaks for.
    Side {
        /// The one-stop desk and its agency.
        Agency = "AGENCY",
        /// The postal operator.
        Post = "POST",
        /// Provincial oversight: reads.
        Oversight = "OVERSIGHT",
    }
}

words! {
    /// Who holds the papers: exactly one at any instant (C1).
    Holder {
        /// The citizen or organisation.
        Citizen = "CITIZEN",
        /// The postal operator.
        Post = "POST",
        /// The agency or its one-stop desk.
        Agency = "AGENCY",
        /// Nobody can say.
        Unknown = "UNKNOWN",
    }
}

words! {
    /// Custody state of a leg (wire-formats 5.2, contract 6.1).
    State {
        /// Declared on a manifest.
        Registered = "REGISTERED",
        /// The operator acknowledged the order.
        Ordered = "ORDERED",
        /// A courier or an office is to collect it.
        CollectionAssigned = "COLLECTION_ASSIGNED",
        /// An attempt to collect failed.
        CollectionFailed = "COLLECTION_FAILED",
        /// The post has taken the papers.
        Accepted = "ACCEPTED",
        /// On its way.
        InTransit = "IN_TRANSIT",
        /// At the post office that delivers.
        AtDeliveryPost = "AT_DELIVERY_POST",
        /// With the postman.
        OutForDelivery = "OUT_FOR_DELIVERY",
        /// An attempt to deliver failed.
        AttemptFailed = "ATTEMPT_FAILED",
        /// Part was delivered or returned.
        Partial = "PARTIAL",
        /// The post says it was delivered.
        DeliveredReported = "DELIVERED_REPORTED",
        /// The receiver agrees.
        Confirmed = "CONFIRMED",
        /// Going back to the sender.
        Returning = "RETURNING",
        /// The post says it was returned.
        ReturnedReported = "RETURNED_REPORTED",
        /// The sender has it back and agrees.
        ReturnConfirmed = "RETURN_CONFIRMED",
        /// Withdrawn before the post took it.
        Cancelled = "CANCELLED",
        /// Lost or damaged.
        LostOrDamaged = "LOST_OR_DAMAGED",
    }
}

impl Side {
    /// The holder that this side is; oversight holds nothing.
    pub fn holder(self) -> Holder {
        match self {
            Side::Agency => Holder::Agency,
            Side::Post => Holder::Post,
            Side::Oversight => Holder::Unknown,
        }
    }
}

impl State {
    /// No event moves a leg out of a terminal state.
    pub fn is_terminal(self) -> bool {
        matches!(self, State::Confirmed | State::ReturnConfirmed | State::Cancelled | State::LostOrDamaged)
    }
}
