-- Indexes behind the dossier page: legs by the phone of their party, handovers by number, messages of a leg.
CREATE INDEX party_phone ON party (phone);
CREATE INDEX handover_number ON handover (handover_no);
CREATE INDEX outbox_leg ON outbox (leg_id);
