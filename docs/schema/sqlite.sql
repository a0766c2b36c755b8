CREATE TABLE account (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	login_phone VARCHAR(20),
	secret_hash VARCHAR(200) NOT NULL,
	secret_kind VARCHAR(32) NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_account PRIMARY KEY (id),
	CONSTRAINT fk_account_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT uq_account_login_phone UNIQUE (login_phone),
	CONSTRAINT uq_account_person_id UNIQUE (person_id),
	CONSTRAINT ck_account_secretkind CHECK (secret_kind IN ('pin', 'password'))
);

CREATE TRIGGER account_of_who_is_erased BEFORE INSERT ON account WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TABLE account_session (
	id INTEGER NOT NULL,
	token_hash VARCHAR(64) NOT NULL,
	account_id INTEGER NOT NULL,
	device VARCHAR(60) NOT NULL,
	created_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	confirmed_at DATETIME NOT NULL,
	revoked_at DATETIME, factor_at DATETIME,
	CONSTRAINT pk_account_session PRIMARY KEY (id),
	CONSTRAINT fk_account_session_account_id_account FOREIGN KEY(account_id) REFERENCES account (id),
	CONSTRAINT uq_account_session_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_account_session_account_id ON account_session (account_id);

CREATE TABLE activation_code (
	id INTEGER NOT NULL,
	code_hash VARCHAR(64) NOT NULL,
	person_id INTEGER NOT NULL,
	purpose VARCHAR(32) NOT NULL,
	made_by_id INTEGER,
	made_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	used_at DATETIME,
	revoked_at DATETIME,
	CONSTRAINT pk_activation_code PRIMARY KEY (id),
	CONSTRAINT fk_activation_code_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_activation_code_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT uq_activation_code_code_hash UNIQUE (code_hash),
	CONSTRAINT ck_activation_code_codepurpose CHECK (purpose IN ('activation', 'reset'))
);

CREATE INDEX ix_activation_code_person_id ON activation_code (person_id);

CREATE TRIGGER activation_code_of_who_is_erased BEFORE INSERT ON activation_code WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TABLE activity (
	id INTEGER NOT NULL,
	code VARCHAR(8) NOT NULL,
	title VARCHAR(60) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	unit_id INTEGER NOT NULL,
	place_text VARCHAR(80) NOT NULL,
	description TEXT NOT NULL,
	risk_note VARCHAR(300) NOT NULL,
	code_way VARCHAR(32) NOT NULL,
	contact_id INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	created_by_id INTEGER NOT NULL,
	published_at DATETIME,
	published_by_id INTEGER,
	cancelled_at DATETIME,
	closed_at DATETIME,
	closed_by_id INTEGER,
	served_count INTEGER, template VARCHAR(32), insurance_note VARCHAR(300) DEFAULT '' NOT NULL, for_unit_id INTEGER CONSTRAINT fk_activity_for_unit_id_unit REFERENCES unit (id), age_from INTEGER CONSTRAINT ck_activity_age_from CHECK (age_from BETWEEN 1 AND 120), age_to INTEGER CONSTRAINT ck_activity_age_to CHECK (age_to BETWEEN 1 AND 120 AND (age_from IS NULL OR age_to >= age_from)), for_stages VARCHAR(80) DEFAULT '' NOT NULL, asks_training VARCHAR(40) DEFAULT '' NOT NULL, training_months INTEGER CONSTRAINT ck_activity_training_months CHECK (training_months IS NULL OR (training_months BETWEEN 1 AND 120 AND asks_training <> '')), gives_training VARCHAR(40) DEFAULT '' NOT NULL, form_id VARCHAR(36), series_id INTEGER CONSTRAINT fk_activity_series_id_activity_series REFERENCES activity_series (id), series_on DATE CONSTRAINT ck_activity_series_on CHECK ((series_id IS NULL) = (series_on IS NULL)), publication_asked_at DATETIME, publication_asked_by_id INTEGER CONSTRAINT fk_activity_publication_asked_by_id_person REFERENCES person (id) CONSTRAINT ck_activity_publication_asked CHECK ((publication_asked_at IS NULL) = (publication_asked_by_id IS NULL)) CONSTRAINT ck_activity_second_person CHECK (published_by_id IS NULL OR publication_asked_by_id IS NULL OR published_by_id <> publication_asked_by_id), cancel_reason VARCHAR(100), came_counted INTEGER CONSTRAINT ck_activity_came_counted CHECK (came_counted >= 0), came_said INTEGER CONSTRAINT ck_activity_came_said CHECK (came_said IS NULL OR (came_said >= 0 AND came_counted IS NOT NULL)),
	CONSTRAINT pk_activity PRIMARY KEY (id),
	CONSTRAINT ck_activity_closed CHECK (closed_at IS NULL OR closed_by_id IS NULL OR served_count IS NOT NULL),
	CONSTRAINT ck_activity_served_count CHECK (served_count IS NULL OR served_count >= 0),
	CONSTRAINT fk_activity_closed_by_id_person FOREIGN KEY(closed_by_id) REFERENCES person (id),
	CONSTRAINT fk_activity_contact_id_person FOREIGN KEY(contact_id) REFERENCES person (id),
	CONSTRAINT fk_activity_created_by_id_person FOREIGN KEY(created_by_id) REFERENCES person (id),
	CONSTRAINT fk_activity_published_by_id_person FOREIGN KEY(published_by_id) REFERENCES person (id),
	CONSTRAINT fk_activity_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_activity_code UNIQUE (code),
	CONSTRAINT ck_activity_activitykind CHECK (kind IN ('service', 'study', 'party_life', 'other')),
	CONSTRAINT ck_activity_codeway CHECK (code_way IN ('poster', 'rotating'))
);

CREATE INDEX ix_activity_gives_training ON activity (gives_training) WHERE gives_training <> '';

CREATE INDEX ix_activity_published ON activity (published_at);

CREATE INDEX ix_activity_unit_id ON activity (unit_id);

CREATE UNIQUE INDEX uq_activity_form_id ON activity (form_id);

CREATE UNIQUE INDEX uq_activity_series ON activity (series_id, series_on);

CREATE TABLE activity_outcome (
	activity_id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	count INTEGER NOT NULL,
	CONSTRAINT pk_activity_outcome PRIMARY KEY (activity_id, kind),
	CONSTRAINT ck_activity_outcome_count CHECK (count > 0),
	CONSTRAINT fk_activity_outcome_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT ck_activity_outcome_outcome CHECK (kind IN ('hygiene', 'facilities', 'disputes', 'public_safety', 'hazards', 'parking', 'lifts'))
);

CREATE TABLE activity_photo (
	id INTEGER NOT NULL,
	activity_id INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	name VARCHAR(32) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	alt VARCHAR(80) NOT NULL,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	agreed_at DATETIME,
	added_at DATETIME NOT NULL,
	added_by_id INTEGER NOT NULL,
	removed_at DATETIME,
	removed_by_id INTEGER,
	CONSTRAINT pk_activity_photo PRIMARY KEY (id),
	CONSTRAINT ck_activity_photo_slot CHECK (slot BETWEEN 1 AND 9),
	CONSTRAINT ck_activity_photo_alt CHECK (alt <> ''),
	CONSTRAINT ck_activity_photo_size CHECK (width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600),
	CONSTRAINT ck_activity_photo_removed CHECK ((removed_at IS NULL) = (removed_by_id IS NULL)),
	CONSTRAINT ck_activity_photo_dated CHECK (removed_at IS NULL OR removed_at >= added_at),
	CONSTRAINT fk_activity_photo_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_activity_photo_added_by_id_person FOREIGN KEY(added_by_id) REFERENCES person (id),
	CONSTRAINT fk_activity_photo_removed_by_id_person FOREIGN KEY(removed_by_id) REFERENCES person (id),
	CONSTRAINT uq_activity_photo_name UNIQUE (name)
);

CREATE UNIQUE INDEX uq_activity_photo_digest ON activity_photo (activity_id, digest) WHERE removed_at IS NULL;

CREATE UNIQUE INDEX uq_activity_photo_slot ON activity_photo (activity_id, slot) WHERE removed_at IS NULL;

CREATE TABLE activity_series (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	title VARCHAR(60) NOT NULL,
	every VARCHAR(32) NOT NULL,
	first_on DATE NOT NULL,
	until_on DATE NOT NULL,
	form_id VARCHAR(36) NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	CONSTRAINT pk_activity_series PRIMARY KEY (id),
	CONSTRAINT ck_activity_series_dated CHECK (until_on >= first_on),
	CONSTRAINT fk_activity_series_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_activity_series_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_activity_series_form_id UNIQUE (form_id),
	CONSTRAINT ck_activity_series_every CHECK (every IN ('week', 'fortnight', 'month_day', 'month_weekday'))
);

CREATE INDEX ix_activity_series_unit_id ON activity_series (unit_id);

CREATE TABLE activity_template (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	name VARCHAR(40) NOT NULL,
	template VARCHAR(32),
	shape JSON NOT NULL,
	activity_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	withdrawn_at DATETIME,
	withdrawn_by_id INTEGER,
	CONSTRAINT pk_activity_template PRIMARY KEY (id),
	CONSTRAINT ck_activity_template_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)),
	CONSTRAINT ck_activity_template_dated CHECK (withdrawn_at IS NULL OR withdrawn_at >= made_at),
	CONSTRAINT fk_activity_template_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_activity_template_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_activity_template_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT fk_activity_template_withdrawn_by_id_person FOREIGN KEY(withdrawn_by_id) REFERENCES person (id)
);

CREATE UNIQUE INDEX uq_activity_template_name ON activity_template (unit_id, name) WHERE withdrawn_at IS NULL;

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE assessment (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	committee_id INTEGER NOT NULL,
	span VARCHAR(7) NOT NULL,
	started_at DATETIME NOT NULL,
	revision INTEGER DEFAULT '0' NOT NULL,
	step_seq INTEGER DEFAULT '0' NOT NULL,
	step VARCHAR(32),
	step_at DATETIME,
	step_by_id INTEGER,
	CONSTRAINT pk_assessment PRIMARY KEY (id),
	CONSTRAINT ck_assessment_taken CHECK ((step IS NULL) = (step_at IS NULL) AND (step IS NULL) = (step_by_id IS NULL)),
	CONSTRAINT ck_assessment_committee CHECK (unit_id <> committee_id),
	CONSTRAINT fk_assessment_committee_id_unit FOREIGN KEY(committee_id) REFERENCES unit (id),
	CONSTRAINT fk_assessment_step_by_id_person FOREIGN KEY(step_by_id) REFERENCES person (id),
	CONSTRAINT fk_assessment_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_assessment_unit_id_span UNIQUE (unit_id, span),
	CONSTRAINT ck_assessment_step CHECK (step IN ('collected', 'reviewed', 'returned', 'approved', 'publicised', 'retracted', 'locked'))
);

CREATE INDEX ix_assessment_committee ON assessment (committee_id, step);

CREATE INDEX ix_assessment_span ON assessment (span, step);

CREATE TRIGGER assessment_on_delete BEFORE DELETE ON assessment WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'an assessment stays'); END;

CREATE TRIGGER assessment_on_insert BEFORE INSERT ON assessment WHEN NEW.step IS NOT NULL OR NEW.step_seq <> 0 OR NEW.revision <> 0 BEGIN SELECT RAISE(ABORT, 'an assessment begins at its beginning'); END;

CREATE TRIGGER assessment_on_update BEFORE UPDATE ON assessment WHEN NEW.id <> OLD.id OR NEW.unit_id <> OLD.unit_id OR NEW.committee_id <> OLD.committee_id OR NEW.span <> OLD.span OR NEW.started_at <> OLD.started_at OR NEW.revision <> (SELECT coalesce(max(f.revision), 0) FROM assessment_figures f WHERE f.assessment_id = NEW.id) OR NEW.step_seq <> (SELECT coalesce(max(s.seq), 0) FROM assessment_step s WHERE s.assessment_id = NEW.id) OR (NEW.step_seq = 0 AND NEW.step IS NOT NULL) OR (NEW.step_seq > 0 AND NOT EXISTS (SELECT 1 FROM assessment_step s WHERE s.assessment_id = NEW.id AND s.seq = NEW.step_seq AND s.step = NEW.step AND s.at = NEW.step_at AND s.actor_id = NEW.step_by_id)) BEGIN SELECT RAISE(ABORT, 'the state of an assessment follows from its steps'); END;

CREATE TABLE assessment_figures (
	id INTEGER NOT NULL,
	assessment_id INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	people INTEGER NOT NULL,
	scheme_version VARCHAR(20) NOT NULL,
	bands JSON NOT NULL,
	digest VARCHAR(64) NOT NULL,
	taken_at DATETIME NOT NULL,
	taken_by_id INTEGER NOT NULL,
	CONSTRAINT pk_assessment_figures PRIMARY KEY (id),
	CONSTRAINT ck_assessment_figures_people CHECK (people >= 0),
	CONSTRAINT fk_assessment_figures_assessment_id_assessment FOREIGN KEY(assessment_id) REFERENCES assessment (id),
	CONSTRAINT fk_assessment_figures_taken_by_id_person FOREIGN KEY(taken_by_id) REFERENCES person (id),
	CONSTRAINT uq_assessment_figures_assessment_id_revision UNIQUE (assessment_id, revision)
);

CREATE TRIGGER assessment_figures_followed AFTER INSERT ON assessment_figures BEGIN UPDATE assessment SET revision = NEW.revision WHERE id = NEW.assessment_id; END;

CREATE TRIGGER assessment_figures_no_delete BEFORE DELETE ON assessment_figures BEGIN SELECT RAISE(ABORT, 'assessment_figures is append-only'); END;

CREATE TRIGGER assessment_figures_no_update BEFORE UPDATE ON assessment_figures BEGIN SELECT RAISE(ABORT, 'assessment_figures is append-only'); END;

CREATE TRIGGER assessment_figures_on_insert BEFORE INSERT ON assessment_figures WHEN NOT EXISTS (SELECT 1 FROM assessment a WHERE a.id = NEW.assessment_id AND NEW.revision = a.revision + 1 AND (a.step IS NULL OR a.step IN ('collected', 'returned', 'retracted'))) BEGIN SELECT RAISE(ABORT, 'figures are taken before they are reviewed'); END;

CREATE TABLE assessment_line (
	figures_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	base INTEGER NOT NULL,
	earned INTEGER NOT NULL,
	deducted INTEGER NOT NULL,
	carried INTEGER NOT NULL,
	late INTEGER NOT NULL,
	vetoed BOOLEAN NOT NULL,
	exempt VARCHAR(10),
	total INTEGER NOT NULL,
	grade VARCHAR(20) NOT NULL,
	by_rule JSON NOT NULL,
	entries JSON NOT NULL,
	late_entries JSON NOT NULL,
	has_late BOOLEAN NOT NULL,
	CONSTRAINT pk_assessment_line PRIMARY KEY (figures_id, person_id),
	CONSTRAINT ck_assessment_line_exempt CHECK (exempt IN ('age', 'ill', 'away')),
	CONSTRAINT ck_assessment_line_grade CHECK (exempt IS NULL OR grade = ''),
	CONSTRAINT ck_assessment_line_total CHECK (total = CASE WHEN vetoed THEN 0 ELSE base + carried + earned - deducted + late END),
	CONSTRAINT fk_assessment_line_figures_id_assessment_figures FOREIGN KEY(figures_id) REFERENCES assessment_figures (id),
	CONSTRAINT fk_assessment_line_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_assessment_line_person ON assessment_line (person_id);

CREATE TRIGGER assessment_line_no_delete BEFORE DELETE ON assessment_line BEGIN SELECT RAISE(ABORT, 'assessment_line is append-only'); END;

CREATE TRIGGER assessment_line_no_update BEFORE UPDATE ON assessment_line BEGIN SELECT RAISE(ABORT, 'assessment_line is append-only'); END;

CREATE TRIGGER assessment_line_on_insert BEFORE INSERT ON assessment_line WHEN (SELECT count(*) FROM assessment_line l WHERE l.figures_id = NEW.figures_id) >= (SELECT f.people FROM assessment_figures f WHERE f.id = NEW.figures_id) BEGIN SELECT RAISE(ABORT, 'figures have their lines from the beginning'); END;

CREATE TABLE assessment_remark (
	id INTEGER NOT NULL,
	assessment_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	words VARCHAR(100) NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	CONSTRAINT pk_assessment_remark PRIMARY KEY (id),
	CONSTRAINT ck_assessment_remark_words CHECK (words <> ''),
	CONSTRAINT ck_assessment_remark_not_oneself CHECK (made_by_id <> person_id),
	CONSTRAINT fk_assessment_remark_assessment_id_assessment FOREIGN KEY(assessment_id) REFERENCES assessment (id),
	CONSTRAINT fk_assessment_remark_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_assessment_remark_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_assessment_remark_of ON assessment_remark (assessment_id, person_id);

CREATE TRIGGER assessment_remark_no_delete BEFORE DELETE ON assessment_remark BEGIN SELECT RAISE(ABORT, 'assessment_remark is append-only'); END;

CREATE TRIGGER assessment_remark_no_update BEFORE UPDATE ON assessment_remark BEGIN SELECT RAISE(ABORT, 'assessment_remark is append-only'); END;

CREATE TRIGGER assessment_remark_on_insert BEFORE INSERT ON assessment_remark WHEN NOT EXISTS (SELECT 1 FROM assessment a WHERE a.id = NEW.assessment_id AND a.step IN ('collected', 'returned', 'retracted')) BEGIN SELECT RAISE(ABORT, 'remarks are made by the branch, before its review'); END;

CREATE TABLE assessment_step (
	id INTEGER NOT NULL,
	assessment_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	step VARCHAR(32) NOT NULL,
	revision INTEGER NOT NULL,
	publicity_id INTEGER,
	reason VARCHAR(300) NOT NULL,
	actor_id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_assessment_step PRIMARY KEY (id),
	CONSTRAINT ck_assessment_step_publicity CHECK ((publicity_id IS NOT NULL) = (step IN ('publicised', 'retracted', 'locked'))),
	CONSTRAINT ck_assessment_step_reason CHECK (step NOT IN ('returned', 'retracted') OR reason <> ''),
	CONSTRAINT fk_assessment_step_actor_id_person FOREIGN KEY(actor_id) REFERENCES person (id),
	CONSTRAINT fk_assessment_step_assessment_id_assessment FOREIGN KEY(assessment_id) REFERENCES assessment (id),
	CONSTRAINT fk_assessment_step_assessment_id_assessment_figures FOREIGN KEY(assessment_id, revision) REFERENCES assessment_figures (assessment_id, revision),
	CONSTRAINT fk_assessment_step_publicity_id_publicity FOREIGN KEY(publicity_id) REFERENCES publicity (id),
	CONSTRAINT uq_assessment_step_assessment_id_seq UNIQUE (assessment_id, seq),
	CONSTRAINT ck_assessment_step_step CHECK (step IN ('collected', 'reviewed', 'returned', 'approved', 'publicised', 'retracted', 'locked'))
);

CREATE TRIGGER assessment_step_followed AFTER INSERT ON assessment_step BEGIN UPDATE assessment SET step = NEW.step, step_seq = NEW.seq, step_at = NEW.at, step_by_id = NEW.actor_id WHERE id = NEW.assessment_id; END;

CREATE TRIGGER assessment_step_no_delete BEFORE DELETE ON assessment_step BEGIN SELECT RAISE(ABORT, 'assessment_step is append-only'); END;

CREATE TRIGGER assessment_step_no_update BEFORE UPDATE ON assessment_step BEGIN SELECT RAISE(ABORT, 'assessment_step is append-only'); END;

CREATE TRIGGER assessment_step_on_insert BEFORE INSERT ON assessment_step WHEN NOT EXISTS (SELECT 1 FROM assessment a WHERE a.id = NEW.assessment_id AND NEW.seq = a.step_seq + 1 AND NEW.revision = a.revision AND (a.step_by_id IS NULL OR a.step_by_id <> NEW.actor_id) AND ((NEW.step = 'collected' AND a.step IS NULL) OR (NEW.step = 'reviewed' AND a.step IN ('collected', 'returned', 'retracted')) OR (NEW.step = 'returned' AND a.step IN ('reviewed', 'approved')) OR (NEW.step = 'approved' AND a.step = 'reviewed') OR (NEW.step = 'publicised' AND a.step = 'approved') OR (NEW.step IN ('retracted', 'locked') AND a.step = 'publicised'))) OR (SELECT count(*) FROM assessment_line l WHERE l.figures_id = (SELECT f.id FROM assessment_figures f WHERE f.assessment_id = NEW.assessment_id AND f.revision = NEW.revision)) <> (SELECT f.people FROM assessment_figures f WHERE f.id = (SELECT f.id FROM assessment_figures f WHERE f.assessment_id = NEW.assessment_id AND f.revision = NEW.revision)) OR (NEW.step IN ('approved', 'returned', 'locked') AND EXISTS (SELECT 1 FROM assessment_line l WHERE l.figures_id = (SELECT f.id FROM assessment_figures f WHERE f.assessment_id = NEW.assessment_id AND f.revision = NEW.revision) AND l.person_id = NEW.actor_id)) OR (NEW.step = 'publicised' AND NOT EXISTS (SELECT 1 FROM publicity p WHERE p.id = NEW.publicity_id AND p.subject_kind = 'assessment' AND p.subject_id = NEW.assessment_id AND p.withdrawn_at IS NULL AND p.concluded_on IS NULL)) OR (NEW.step = 'retracted' AND NOT EXISTS (SELECT 1 FROM publicity p WHERE p.id = NEW.publicity_id AND p.subject_kind = 'assessment' AND p.subject_id = NEW.assessment_id AND p.withdrawn_at IS NOT NULL)) OR (NEW.step = 'locked' AND (EXISTS (SELECT 1 FROM objection o WHERE o.publicity_id = NEW.publicity_id AND (o.verdict = 'upheld' OR o.answered_at IS NULL)) OR NOT EXISTS (SELECT 1 FROM publicity p WHERE p.id = NEW.publicity_id AND p.subject_kind = 'assessment' AND p.subject_id = NEW.assessment_id AND p.concluded_on IS NOT NULL))) BEGIN SELECT RAISE(ABORT, 'not this step, not now, or not by this person'); END;

CREATE TABLE attendance (
	id INTEGER NOT NULL,
	shift_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	in_at DATETIME NOT NULL,
	in_way VARCHAR(32) NOT NULL,
	in_scan_id CHAR(32) NOT NULL,
	out_at DATETIME,
	out_way VARCHAR(32),
	out_scan_id CHAR(32),
	credited_from DATETIME,
	credited_to DATETIME,
	excluded_at DATETIME,
	excluded_by_id INTEGER, held_at DATETIME CONSTRAINT ck_attendance_held_uncounted CHECK (held_at IS NULL OR (out_at IS NOT NULL AND credited_from IS NULL AND excluded_at IS NULL)) CONSTRAINT ck_attendance_excluded_uncounted CHECK (excluded_at IS NULL OR (credited_from IS NULL AND (excluded_by_id IS NULL OR excluded_by_id <> person_id))), held_for VARCHAR(32) CONSTRAINT ck_attendance_held_for CHECK (held_for IN ('organiser', 'parent', 'subdistrict')) CONSTRAINT ck_attendance_held_for_somebody CHECK ((held_at IS NULL) = (held_for IS NULL)), held_unit_id INTEGER CONSTRAINT fk_attendance_held_unit_id_unit REFERENCES unit (id) CONSTRAINT ck_attendance_held_by_a_unit CHECK ((held_at IS NULL) = (held_unit_id IS NULL)), reminded_at DATETIME,
	CONSTRAINT pk_attendance PRIMARY KEY (id),
	CONSTRAINT ck_attendance_credited CHECK ((credited_from IS NULL) = (credited_to IS NULL)),
	CONSTRAINT ck_attendance_out CHECK ((out_at IS NULL) = (out_way IS NULL)),
	CONSTRAINT ck_attendance_credited_spell CHECK (credited_from IS NULL OR (out_at IS NOT NULL AND credited_to > credited_from)),
	CONSTRAINT ck_attendance_out_after_in CHECK (out_at IS NULL OR out_at >= in_at),
	CONSTRAINT fk_attendance_excluded_by_id_person FOREIGN KEY(excluded_by_id) REFERENCES person (id),
	CONSTRAINT fk_attendance_in_scan_id_scan FOREIGN KEY(in_scan_id) REFERENCES scan (id),
	CONSTRAINT fk_attendance_out_scan_id_scan FOREIGN KEY(out_scan_id) REFERENCES scan (id),
	CONSTRAINT fk_attendance_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_attendance_shift_id_shift FOREIGN KEY(shift_id) REFERENCES shift (id),
	CONSTRAINT ck_attendance_in_way CHECK (in_way IN ('poster', 'rotating', 'typed_code', 'personal_code', 'card', 'button', 'named', 'organiser', 'paper')),
	CONSTRAINT ck_attendance_out_way CHECK (out_way IN ('poster', 'rotating', 'typed_code', 'personal_code', 'card', 'button', 'named', 'organiser', 'paper'))
);

CREATE INDEX ix_attendance_excluded_by ON attendance (excluded_by_id) WHERE excluded_by_id IS NOT NULL;

CREATE INDEX ix_attendance_held ON attendance (held_unit_id, held_at) WHERE held_at IS NOT NULL;

CREATE INDEX ix_attendance_person ON attendance (person_id, in_at);

CREATE INDEX ix_attendance_shift ON attendance (shift_id, person_id, out_at);

CREATE UNIQUE INDEX uq_attendance_open ON attendance (shift_id, person_id) WHERE out_at IS NULL;

CREATE TRIGGER attendance_decision_final BEFORE UPDATE OF out_at, held_at ON attendance WHEN ((NEW.out_at IS NULL AND OLD.out_at IS NOT NULL) OR (NEW.held_at IS NOT NULL AND OLD.held_at IS NULL)) AND EXISTS (SELECT 1 FROM attendance_decision WHERE attendance_id = NEW.id) BEGIN SELECT RAISE(ABORT, 'a decision is final'); END;

CREATE TRIGGER attendance_decision_not_of_oneself BEFORE UPDATE OF person_id ON attendance WHEN EXISTS (SELECT 1 FROM attendance_decision WHERE attendance_id = NEW.id AND made_by_id = NEW.person_id) BEGIN SELECT RAISE(ABORT, 'nobody decides about themselves'); END;

CREATE TRIGGER attendance_no_overlap_INSERT BEFORE INSERT ON attendance
WHEN NEW.credited_from IS NOT NULL AND EXISTS (
  SELECT 1 FROM attendance other
  WHERE other.person_id = NEW.person_id AND other.id <> coalesce(NEW.id, -1)
    AND other.credited_from < NEW.credited_to AND other.credited_to > NEW.credited_from)
BEGIN SELECT RAISE(ABORT, 'credited spells of one person overlap'); END;

CREATE TRIGGER attendance_no_overlap_UPDATE BEFORE UPDATE ON attendance
WHEN NEW.credited_from IS NOT NULL AND EXISTS (
  SELECT 1 FROM attendance other
  WHERE other.person_id = NEW.person_id AND other.id <> coalesce(NEW.id, -1)
    AND other.credited_from < NEW.credited_to AND other.credited_to > NEW.credited_from)
BEGIN SELECT RAISE(ABORT, 'credited spells of one person overlap'); END;

CREATE TRIGGER attendance_of_who_went BEFORE INSERT ON attendance WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.became_id IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this record was merged'); END;

CREATE TABLE attendance_decision (
	attendance_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	verdict VARCHAR(32) NOT NULL,
	note VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_attendance_decision PRIMARY KEY (attendance_id),
	CONSTRAINT fk_attendance_decision_attendance_id_attendance FOREIGN KEY(attendance_id) REFERENCES attendance (id),
	CONSTRAINT fk_attendance_decision_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT ck_attendance_decision_verdict CHECK (verdict IN ('count', 'leave'))
);

CREATE INDEX ix_attendance_decision_by ON attendance_decision (made_by_id);

CREATE INDEX ix_attendance_decision_made_at ON attendance_decision (made_at);

CREATE TRIGGER attendance_decision_no_delete BEFORE DELETE ON attendance_decision BEGIN SELECT RAISE(ABORT, 'attendance_decision is append-only'); END;

CREATE TRIGGER attendance_decision_no_update BEFORE UPDATE ON attendance_decision BEGIN SELECT RAISE(ABORT, 'attendance_decision is append-only'); END;

CREATE TRIGGER attendance_decision_not_oneself BEFORE INSERT ON attendance_decision WHEN NEW.made_by_id = (SELECT person_id FROM attendance WHERE id = NEW.attendance_id) BEGIN SELECT RAISE(ABORT, 'nobody decides about themselves'); END;

CREATE TRIGGER attendance_decision_two_people BEFORE INSERT ON attendance_decision WHEN NEW.made_by_id IN (SELECT scan.by_id FROM attendance JOIN shift ON shift.id = attendance.shift_id JOIN activity ON activity.id = shift.activity_id JOIN scan ON scan.id IN (attendance.in_scan_id, attendance.out_scan_id) WHERE attendance.id = NEW.attendance_id AND activity.closed_at IS NOT NULL AND scan.by_id IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'a change after closing takes two people'); END;

CREATE TABLE attendance_reason (
	attendance_id INTEGER NOT NULL,
	reason VARCHAR(32) NOT NULL,
	made_at DATETIME NOT NULL,
	holds BOOLEAN NOT NULL,
	number INTEGER,
	other_id INTEGER,
	CONSTRAINT pk_attendance_reason PRIMARY KEY (attendance_id, reason),
	CONSTRAINT fk_attendance_reason_attendance_id_attendance FOREIGN KEY(attendance_id) REFERENCES attendance (id),
	CONSTRAINT fk_attendance_reason_other_id_attendance FOREIGN KEY(other_id) REFERENCES attendance (id),
	CONSTRAINT ck_attendance_reason_reason CHECK (reason IN ('elsewhere', 'too_near', 'shared_device', 'outside', 'late', 'short', 'long_day', 'longest_day', 'staff', 'kin', 'closed'))
);

CREATE TABLE audit_event (
	id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	actor_id INTEGER,
	action VARCHAR(60) NOT NULL,
	subject VARCHAR(40) NOT NULL,
	subject_id INTEGER,
	detail JSON NOT NULL,
	request_id VARCHAR(12) NOT NULL,
	CONSTRAINT pk_audit_event PRIMARY KEY (id),
	CONSTRAINT fk_audit_event_actor_id_person FOREIGN KEY(actor_id) REFERENCES person (id)
);

CREATE INDEX ix_audit_event_action ON audit_event (action, at, id);

CREATE INDEX ix_audit_event_actor ON audit_event (actor_id, at, id);

CREATE INDEX ix_audit_event_at ON audit_event (at, id);

CREATE INDEX ix_audit_event_request ON audit_event (request_id, at, id);

CREATE INDEX ix_audit_event_subject ON audit_event (subject, subject_id, at, id);

CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;

CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;

CREATE TABLE bank_account (
	id INTEGER NOT NULL,
	name VARCHAR(40) NOT NULL,
	tail VARCHAR(4) NOT NULL,
	added_at DATETIME NOT NULL,
	added_by_id INTEGER NOT NULL,
	CONSTRAINT pk_bank_account PRIMARY KEY (id),
	CONSTRAINT ck_bank_account_name CHECK (name <> ''),
	CONSTRAINT fk_bank_account_added_by_id_person FOREIGN KEY(added_by_id) REFERENCES person (id),
	CONSTRAINT uq_bank_account_name UNIQUE (name)
);

CREATE TRIGGER bank_account_fixed BEFORE UPDATE OF name, tail, added_at, added_by_id ON bank_account WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_account does not change'); END;

CREATE TRIGGER bank_account_kept BEFORE DELETE ON bank_account WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_account is kept'); END;

CREATE TABLE bank_aside (
	id INTEGER NOT NULL,
	line_id INTEGER NOT NULL,
	reason VARCHAR(200) NOT NULL,
	asked_by_id INTEGER NOT NULL,
	asked_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	ended_at DATETIME,
	ended_by_id INTEGER,
	end_reason VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_bank_aside PRIMARY KEY (id),
	CONSTRAINT ck_bank_aside_ended CHECK ((ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')),
	CONSTRAINT ck_bank_aside_two_people CHECK (decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = asked_by_id)),
	CONSTRAINT ck_bank_aside_stood CHECK (ended_at IS NULL OR verdict = 'approved'),
	CONSTRAINT ck_bank_aside_reason CHECK (reason <> ''),
	CONSTRAINT ck_bank_aside_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT ck_bank_aside_decided CHECK ((decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT fk_bank_aside_asked_by_id_person FOREIGN KEY(asked_by_id) REFERENCES person (id),
	CONSTRAINT fk_bank_aside_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_bank_aside_ended_by_id_person FOREIGN KEY(ended_by_id) REFERENCES person (id),
	CONSTRAINT fk_bank_aside_line_id_bank_line_entry FOREIGN KEY(line_id) REFERENCES bank_line_entry (id),
	CONSTRAINT ck_bank_aside_bankasideverdict CHECK (verdict IN ('approved', 'returned', 'withdrawn'))
);

CREATE INDEX ix_bank_aside_of_line ON bank_aside (line_id);

CREATE UNIQUE INDEX uq_bank_aside_line ON bank_aside (line_id) WHERE ended_at IS NULL AND (verdict IS NULL OR verdict = 'approved');

CREATE TRIGGER bank_aside_fixed BEFORE UPDATE OF line_id, reason, asked_by_id, asked_at ON bank_aside WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_aside does not change'); END;

CREATE TRIGGER bank_aside_holds BEFORE INSERT ON bank_aside WHEN ((
NEW.verdict IS NULL AND NEW.ended_at IS NULL
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id
  WHERE l.id = NEW.line_id AND s.voided_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.line_id = NEW.line_id AND m.ended_at IS NULL)
) AND (NOT EXISTS (SELECT 1 FROM bank_group_line x WHERE x.line_id = NEW.line_id AND NOT x.ended))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this line is matched'); END;

CREATE TRIGGER bank_aside_kept BEFORE DELETE ON bank_aside WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_aside is kept'); END;

CREATE TRIGGER bank_aside_once BEFORE UPDATE ON bank_aside WHEN (OLD.verdict IS NULL OR (OLD.verdict = 'approved' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_aside stands'); END;

CREATE TRIGGER bank_aside_said BEFORE UPDATE OF decided_at, decided_by_id, verdict, answer ON bank_aside WHEN (OLD.verdict IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_aside is decided'); END;

CREATE TABLE bank_group (
	id INTEGER NOT NULL,
	lines INTEGER NOT NULL,
	requests INTEGER NOT NULL,
	fen BIGINT NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	for_id INTEGER,
	ended_at DATETIME,
	ended_by_id INTEGER,
	end_reason VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_bank_group PRIMARY KEY (id),
	CONSTRAINT ck_bank_group_several CHECK (lines > 0 AND requests > 0 AND lines + requests > 2),
	CONSTRAINT ck_bank_group_ended CHECK ((ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')),
	CONSTRAINT ck_bank_group_deputy CHECK (for_id IS NULL OR for_id <> made_by_id),
	CONSTRAINT fk_bank_group_ended_by_id_person FOREIGN KEY(ended_by_id) REFERENCES person (id),
	CONSTRAINT fk_bank_group_for_id_person FOREIGN KEY(for_id) REFERENCES person (id),
	CONSTRAINT fk_bank_group_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id)
);

CREATE TRIGGER bank_group_deputy BEFORE INSERT ON bank_group WHEN ((NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.made_by_id AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.made_at AND date(NEW.made_at, '+8 hours') BETWEEN d.first_on AND d.last_on AND (d.ended_at IS NULL OR d.ended_at > NEW.made_at)))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'not for somebody who is not away'); END;

CREATE TRIGGER bank_group_fixed BEFORE UPDATE OF lines, requests, fen, made_at, made_by_id, for_id ON bank_group WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_group does not change'); END;

CREATE TRIGGER bank_group_freed AFTER UPDATE OF ended_at ON bank_group BEGIN UPDATE bank_group_line SET ended = TRUE WHERE group_id = NEW.id AND NOT ended; UPDATE bank_group_request SET ended = TRUE WHERE group_id = NEW.id AND NOT ended; END;

CREATE TRIGGER bank_group_kept BEFORE DELETE ON bank_group WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_group is kept'); END;

CREATE TRIGGER bank_group_once BEFORE UPDATE ON bank_group WHEN (OLD.ended_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_group stands'); END;

CREATE TRIGGER bank_group_whole BEFORE INSERT ON bank_group WHEN (
NEW.ended_at IS NULL
AND NEW.lines = (SELECT count(*) FROM bank_group_line x WHERE x.group_id = NEW.id)
AND NEW.requests = (SELECT count(*) FROM bank_group_request x WHERE x.group_id = NEW.id)
AND NEW.fen = (SELECT sum(l.fen) FROM bank_group_line x JOIN bank_line_entry l ON l.id = x.line_id WHERE x.group_id = NEW.id)
AND NEW.fen = (SELECT sum(CASE WHEN r.kind = 'payment' THEN -r.fen ELSE r.fen END)
  FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id WHERE x.group_id = NEW.id)
AND 1 = (SELECT count(DISTINCT CASE WHEN r.kind = 'payment' THEN 1 ELSE 0 END)
  FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id WHERE x.group_id = NEW.id)
AND NOT EXISTS (SELECT 1 FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id
  JOIN fund_step_entry t ON t.request_id = r.id AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  WHERE x.group_id = NEW.id AND (t.by_id IN (NEW.made_by_id, coalesce(NEW.for_id, NEW.made_by_id)) OR t.for_id IN (NEW.made_by_id, coalesce(NEW.for_id, NEW.made_by_id))
    OR EXISTS (SELECT 1 FROM bank_group_line y JOIN bank_line_entry l ON l.id = y.line_id JOIN bank_statement s ON s.id = l.statement_id
      WHERE y.group_id = NEW.id AND s.made_by_id IN (t.by_id, coalesce(t.for_id, t.by_id)))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'these lines are not those requests'); END;

CREATE TABLE bank_group_line (
	group_id INTEGER NOT NULL,
	line_id INTEGER NOT NULL,
	ended BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_bank_group_line PRIMARY KEY (group_id, line_id),
	CONSTRAINT fk_bank_group_line_group_id_bank_group FOREIGN KEY(group_id) REFERENCES bank_group (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_bank_group_line_line_id_bank_line_entry FOREIGN KEY(line_id) REFERENCES bank_line_entry (id)
);

CREATE INDEX ix_bank_group_line_of ON bank_group_line (line_id);

CREATE UNIQUE INDEX uq_bank_group_line_live ON bank_group_line (line_id) WHERE NOT ended;

CREATE TRIGGER bank_group_line_ends BEFORE UPDATE ON bank_group_line WHEN (NEW.ended AND NOT OLD.ended AND NEW.group_id = OLD.group_id AND NEW.line_id = OLD.line_id AND EXISTS (SELECT 1 FROM bank_group g WHERE g.id = OLD.group_id AND g.ended_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_group_line ends with its group'); END;

CREATE TRIGGER bank_group_line_holds BEFORE INSERT ON bank_group_line WHEN (
NOT NEW.ended AND NOT EXISTS (SELECT 1 FROM bank_group g WHERE g.id = NEW.group_id)
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id WHERE l.id = NEW.line_id AND s.voided_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.line_id = NEW.line_id AND m.ended_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_aside a WHERE a.line_id = NEW.line_id AND a.ended_at IS NULL
  AND (a.verdict IS NULL OR a.verdict = 'approved'))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this line is something else'); END;

CREATE TRIGGER bank_group_line_kept BEFORE DELETE ON bank_group_line WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_group_line is kept'); END;

CREATE TABLE bank_group_request (
	group_id INTEGER NOT NULL,
	request_id INTEGER NOT NULL,
	ended BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_bank_group_request PRIMARY KEY (group_id, request_id),
	CONSTRAINT fk_bank_group_request_group_id_bank_group FOREIGN KEY(group_id) REFERENCES bank_group (id) DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT fk_bank_group_request_request_id_fund_request FOREIGN KEY(request_id) REFERENCES fund_request (id)
);

CREATE INDEX ix_bank_group_request_of ON bank_group_request (request_id);

CREATE UNIQUE INDEX uq_bank_group_request_live ON bank_group_request (request_id) WHERE NOT ended;

CREATE TRIGGER bank_group_request_ends BEFORE UPDATE ON bank_group_request WHEN (NEW.ended AND NOT OLD.ended AND NEW.group_id = OLD.group_id AND NEW.request_id = OLD.request_id AND EXISTS (SELECT 1 FROM bank_group g WHERE g.id = OLD.group_id AND g.ended_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_group_request ends with its group'); END;

CREATE TRIGGER bank_group_request_holds BEFORE INSERT ON bank_group_request WHEN (
NOT NEW.ended AND NOT EXISTS (SELECT 1 FROM bank_group g WHERE g.id = NEW.group_id)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id
  AND ((r.kind = 'payment' AND r.state = 'reconciled') OR (r.kind IN ('donation', 'refund') AND r.state = 'approved')))
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.request_id = NEW.request_id AND m.ended_at IS NULL)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this request is something else'); END;

CREATE TRIGGER bank_group_request_kept BEFORE DELETE ON bank_group_request WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_group_request is kept'); END;

CREATE TABLE bank_line_entry (
	id INTEGER NOT NULL,
	statement_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	booked_on DATE NOT NULL,
	fen BIGINT NOT NULL,
	balance BIGINT NOT NULL,
	party VARCHAR(80) NOT NULL,
	reference VARCHAR(60) NOT NULL,
	memo VARCHAR(120) NOT NULL,
	CONSTRAINT pk_bank_line_entry PRIMARY KEY (id),
	CONSTRAINT ck_bank_line_entry_fen CHECK (fen <> 0),
	CONSTRAINT fk_bank_line_entry_statement_id_bank_statement FOREIGN KEY(statement_id) REFERENCES bank_statement (id),
	CONSTRAINT uq_bank_line_entry_statement_id_seq UNIQUE (statement_id, seq)
);

CREATE INDEX ix_bank_line_entry_day ON bank_line_entry (booked_on);

CREATE TRIGGER bank_line_entry_no_delete BEFORE DELETE ON bank_line_entry BEGIN SELECT RAISE(ABORT, 'bank_line_entry is append-only'); END;

CREATE TRIGGER bank_line_entry_no_update BEFORE UPDATE ON bank_line_entry BEGIN SELECT RAISE(ABORT, 'bank_line_entry is append-only'); END;

CREATE TRIGGER bank_line_runs BEFORE INSERT ON bank_line_entry WHEN (
EXISTS (SELECT 1 FROM bank_statement s WHERE s.id = NEW.statement_id AND s.voided_at IS NULL
  AND NEW.booked_on >= s.first_on AND NEW.booked_on <= s.last_on
  AND NEW.seq <= s.lines AND (NEW.seq < s.lines OR NEW.balance = s.closing)
  AND NEW.balance - NEW.fen = CASE WHEN NEW.seq = 1 THEN s.opening
    ELSE (SELECT l.balance FROM bank_line_entry l WHERE l.statement_id = NEW.statement_id AND l.seq = NEW.seq - 1) END)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the balance does not run'); END;

CREATE TABLE bank_match (
	id INTEGER NOT NULL,
	line_id INTEGER NOT NULL,
	request_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	ended_at DATETIME,
	ended_by_id INTEGER,
	end_reason VARCHAR(200) DEFAULT '' NOT NULL, for_id INTEGER CONSTRAINT fk_bank_match_for_id_person REFERENCES person (id) CONSTRAINT ck_bank_match_deputy CHECK (for_id IS NULL OR for_id <> made_by_id),
	CONSTRAINT pk_bank_match PRIMARY KEY (id),
	CONSTRAINT ck_bank_match_ended CHECK ((ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')),
	CONSTRAINT fk_bank_match_ended_by_id_person FOREIGN KEY(ended_by_id) REFERENCES person (id),
	CONSTRAINT fk_bank_match_line_id_bank_line_entry FOREIGN KEY(line_id) REFERENCES bank_line_entry (id),
	CONSTRAINT fk_bank_match_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_bank_match_request_id_fund_request FOREIGN KEY(request_id) REFERENCES fund_request (id)
);

CREATE INDEX ix_bank_match_of_line ON bank_match (line_id);

CREATE UNIQUE INDEX uq_bank_match_line ON bank_match (line_id) WHERE ended_at IS NULL;

CREATE UNIQUE INDEX uq_bank_match_request ON bank_match (request_id) WHERE ended_at IS NULL;

CREATE TRIGGER bank_match_deputy BEFORE INSERT ON bank_match WHEN (
(NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.made_by_id AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.made_at AND date(NEW.made_at, '+8 hours') BETWEEN d.first_on AND d.last_on AND (d.ended_at IS NULL OR d.ended_at > NEW.made_at)))
AND NOT EXISTS (SELECT 1 FROM fund_step_entry t JOIN fund_request r ON r.id = t.request_id WHERE t.request_id = NEW.request_id
  AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  AND (t.by_id = coalesce(NEW.for_id, 0) OR t.for_id = NEW.for_id))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'not for somebody who paid it'); END;

CREATE TRIGGER bank_match_fixed BEFORE UPDATE OF line_id, request_id, made_at, made_by_id ON bank_match WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_match does not change'); END;

CREATE TRIGGER bank_match_holds BEFORE INSERT ON bank_match WHEN ((
NEW.ended_at IS NULL
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id JOIN fund_request r ON r.id = NEW.request_id
  WHERE l.id = NEW.line_id AND s.voided_at IS NULL
  AND ((r.kind = 'payment' AND r.state = 'reconciled' AND l.fen = -r.fen)
    OR (r.kind IN ('donation', 'refund') AND r.state = 'approved' AND l.fen = r.fen)))
AND NOT EXISTS (SELECT 1 FROM bank_aside a WHERE a.line_id = NEW.line_id AND a.ended_at IS NULL
  AND (a.verdict IS NULL OR a.verdict = 'approved'))
AND NOT EXISTS (SELECT 1 FROM fund_step_entry t JOIN fund_request r ON r.id = t.request_id
  JOIN bank_line_entry l ON l.id = NEW.line_id JOIN bank_statement s ON s.id = l.statement_id
  WHERE t.request_id = NEW.request_id AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  AND (t.by_id IN (NEW.made_by_id, s.made_by_id) OR t.for_id IN (NEW.made_by_id, s.made_by_id)))
) AND (NOT EXISTS (SELECT 1 FROM bank_group_line x WHERE x.line_id = NEW.line_id AND NOT x.ended) AND NOT EXISTS (SELECT 1 FROM bank_group_request x WHERE x.request_id = NEW.request_id AND NOT x.ended))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this line is not that request'); END;

CREATE TRIGGER bank_match_kept BEFORE DELETE ON bank_match WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_match is kept'); END;

CREATE TRIGGER bank_match_once BEFORE UPDATE ON bank_match WHEN (OLD.ended_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_match stands'); END;

CREATE TABLE bank_preview (
	id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	file_name VARCHAR(120) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	titles JSON NOT NULL,
	rows JSON NOT NULL,
	faults JSON NOT NULL,
	count INTEGER NOT NULL,
	first_on DATE,
	last_on DATE,
	opening BIGINT NOT NULL,
	closing BIGINT NOT NULL,
	notes JSON NOT NULL,
	CONSTRAINT pk_bank_preview PRIMARY KEY (id),
	CONSTRAINT fk_bank_preview_account_id_bank_account FOREIGN KEY(account_id) REFERENCES bank_account (id),
	CONSTRAINT fk_bank_preview_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id)
);

CREATE INDEX ix_bank_preview_made_by_id ON bank_preview (made_by_id);

CREATE TABLE bank_statement (
	id INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	file_name VARCHAR(120) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	first_on DATE NOT NULL,
	last_on DATE NOT NULL,
	opening BIGINT NOT NULL,
	closing BIGINT NOT NULL,
	lines INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	voided_at DATETIME,
	voided_by_id INTEGER,
	void_reason VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_bank_statement PRIMARY KEY (id),
	CONSTRAINT ck_bank_statement_voided CHECK ((voided_at IS NULL) = (voided_by_id IS NULL) AND (voided_at IS NULL) = (void_reason = '')),
	CONSTRAINT ck_bank_statement_dated CHECK (last_on >= first_on),
	CONSTRAINT ck_bank_statement_lines CHECK (lines > 0),
	CONSTRAINT fk_bank_statement_account_id_bank_account FOREIGN KEY(account_id) REFERENCES bank_account (id),
	CONSTRAINT fk_bank_statement_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_bank_statement_voided_by_id_person FOREIGN KEY(voided_by_id) REFERENCES person (id)
);

CREATE INDEX ix_bank_statement_account ON bank_statement (account_id, first_on);

CREATE UNIQUE INDEX uq_bank_statement_digest ON bank_statement (digest) WHERE voided_at IS NULL;

CREATE TRIGGER bank_statement_fixed BEFORE UPDATE OF account_id, file_name, digest, first_on, last_on, opening, closing, lines, made_at, made_by_id ON bank_statement WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_statement does not change'); END;

CREATE TRIGGER bank_statement_follows BEFORE INSERT ON bank_statement WHEN (
NEW.voided_at IS NULL
AND NOT EXISTS (SELECT 1 FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.first_on <= NEW.last_on AND o.last_on >= NEW.first_on)
AND NEW.opening = coalesce((SELECT o.closing FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.last_on < NEW.first_on ORDER BY o.last_on DESC LIMIT 1), NEW.opening)
AND NEW.closing = coalesce((SELECT o.opening FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.first_on > NEW.last_on ORDER BY o.first_on LIMIT 1), NEW.closing)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a statement follows the one before it'); END;

CREATE TRIGGER bank_statement_kept BEFORE DELETE ON bank_statement WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_statement is kept'); END;

CREATE TRIGGER bank_statement_once BEFORE UPDATE ON bank_statement WHEN ((
OLD.voided_at IS NULL
AND NOT EXISTS (SELECT 1 FROM bank_statement o WHERE o.account_id = OLD.account_id AND o.voided_at IS NULL AND o.first_on > OLD.last_on)
AND NOT EXISTS (SELECT 1 FROM bank_match m JOIN bank_line_entry l ON l.id = m.line_id
  WHERE l.statement_id = OLD.id AND m.ended_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_aside a JOIN bank_line_entry l ON l.id = a.line_id
  WHERE l.statement_id = OLD.id AND a.ended_at IS NULL AND (a.verdict IS NULL OR a.verdict = 'approved'))
) AND (NOT EXISTS (SELECT 1 FROM bank_group_line x JOIN bank_line_entry l ON l.id = x.line_id WHERE l.statement_id = OLD.id AND NOT x.ended))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'bank_statement stands'); END;

CREATE TABLE board (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	length VARCHAR(32) NOT NULL,
	span_key VARCHAR(24) NOT NULL,
	first_on DATE NOT NULL,
	last_on DATE NOT NULL,
	closes_on DATE NOT NULL,
	frozen_on DATE NOT NULL,
	frozen_at DATETIME NOT NULL,
	frozen_by_id INTEGER,
	definition JSON NOT NULL,
	digest VARCHAR(64) NOT NULL,
	CONSTRAINT pk_board PRIMARY KEY (id),
	CONSTRAINT ck_board_dated CHECK (last_on >= first_on),
	CONSTRAINT ck_board_closed CHECK (closes_on > last_on AND frozen_on >= closes_on),
	CONSTRAINT ck_board_has_end CHECK (length <> 'all'),
	CONSTRAINT fk_board_frozen_by_id_person FOREIGN KEY(frozen_by_id) REFERENCES person (id),
	CONSTRAINT uq_board UNIQUE (kind, span_key),
	CONSTRAINT ck_board_boardkind CHECK (kind IN ('person', 'branch', 'community', 'team')),
	CONSTRAINT ck_board_length CHECK (length IN ('month', 'quarter', 'year', 'all', 'custom'))
);

CREATE TRIGGER board_no_delete BEFORE DELETE ON board BEGIN SELECT RAISE(ABORT, 'board is append-only'); END;

CREATE TRIGGER board_no_update BEFORE UPDATE ON board BEGIN SELECT RAISE(ABORT, 'board is append-only'); END;

CREATE TABLE board_line (
	id INTEGER NOT NULL,
	board_id INTEGER NOT NULL,
	unit_id INTEGER,
	person_id INTEGER,
	community_id INTEGER,
	minutes INTEGER NOT NULL,
	honour INTEGER NOT NULL,
	heads INTEGER NOT NULL,
	took INTEGER NOT NULL,
	middle INTEGER NOT NULL,
	minutes_before INTEGER,
	heads_before INTEGER,
	CONSTRAINT pk_board_line PRIMARY KEY (id),
	CONSTRAINT ck_board_line_subject CHECK ((unit_id IS NULL) <> (person_id IS NULL)),
	CONSTRAINT ck_board_line_took CHECK (took BETWEEN 0 AND heads),
	CONSTRAINT ck_board_line_middle CHECK (middle >= 0),
	CONSTRAINT ck_board_line_before CHECK ((minutes_before IS NULL) = (heads_before IS NULL)),
	CONSTRAINT fk_board_line_board_id_board FOREIGN KEY(board_id) REFERENCES board (id),
	CONSTRAINT fk_board_line_community_id_unit FOREIGN KEY(community_id) REFERENCES unit (id),
	CONSTRAINT fk_board_line_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_board_line_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_board_line_unit UNIQUE (board_id, unit_id),
	CONSTRAINT uq_board_line_person UNIQUE (board_id, person_id)
);

CREATE INDEX ix_board_line_person ON board_line (person_id) WHERE person_id IS NOT NULL;

CREATE TRIGGER board_line_no_delete BEFORE DELETE ON board_line BEGIN SELECT RAISE(ABORT, 'board_line is append-only'); END;

CREATE TRIGGER board_line_no_update BEFORE UPDATE ON board_line BEGIN SELECT RAISE(ABORT, 'board_line is append-only'); END;

CREATE TRIGGER board_line_published BEFORE INSERT ON board_line WHEN EXISTS (SELECT 1 FROM board_publication WHERE board_publication.board_id = NEW.board_id) BEGIN SELECT RAISE(ABORT, 'a published board gains no line'); END;

CREATE TABLE board_place (
	line_id INTEGER NOT NULL,
	measure VARCHAR(32) NOT NULL,
	place INTEGER NOT NULL,
	shared BOOLEAN NOT NULL,
	"before" INTEGER,
	CONSTRAINT pk_board_place PRIMARY KEY (line_id, measure),
	CONSTRAINT ck_board_place_place CHECK (place >= 1 AND (before IS NULL OR before >= 1)),
	CONSTRAINT fk_board_place_line_id_board_line FOREIGN KEY(line_id) REFERENCES board_line (id),
	CONSTRAINT ck_board_place_measure CHECK (measure IN ('total', 'head', 'rate', 'median', 'gain'))
);

CREATE TRIGGER board_place_no_delete BEFORE DELETE ON board_place BEGIN SELECT RAISE(ABORT, 'board_place is append-only'); END;

CREATE TRIGGER board_place_no_update BEFORE UPDATE ON board_place BEGIN SELECT RAISE(ABORT, 'board_place is append-only'); END;

CREATE TABLE board_publication (
	board_id INTEGER NOT NULL,
	published_at DATETIME NOT NULL,
	published_by_id INTEGER NOT NULL,
	CONSTRAINT pk_board_publication PRIMARY KEY (board_id),
	CONSTRAINT fk_board_publication_board_id_board FOREIGN KEY(board_id) REFERENCES board (id),
	CONSTRAINT fk_board_publication_published_by_id_person FOREIGN KEY(published_by_id) REFERENCES person (id)
);

CREATE TRIGGER board_publication_no_delete BEFORE DELETE ON board_publication BEGIN SELECT RAISE(ABORT, 'board_publication is append-only'); END;

CREATE TRIGGER board_publication_no_update BEFORE UPDATE ON board_publication BEGIN SELECT RAISE(ABORT, 'board_publication is append-only'); END;

CREATE TRIGGER board_publication_two_people BEFORE INSERT ON board_publication WHEN EXISTS (SELECT 1 FROM board WHERE board.id = NEW.board_id AND board.frozen_by_id = NEW.published_by_id) BEGIN SELECT RAISE(ABORT, 'who froze a board does not publish it'); END;

CREATE TABLE calendar_feed (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	revoked_at DATETIME,
	CONSTRAINT pk_calendar_feed PRIMARY KEY (id),
	CONSTRAINT ck_calendar_feed_dated CHECK (revoked_at IS NULL OR revoked_at >= made_at),
	CONSTRAINT fk_calendar_feed_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE UNIQUE INDEX uq_calendar_feed_stands ON calendar_feed (person_id) WHERE revoked_at IS NULL;

CREATE TABLE certificate (
	id INTEGER NOT NULL,
	request_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	year INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	number VARCHAR(24) NOT NULL,
	token VARCHAR(32) NOT NULL,
	content TEXT NOT NULL,
	digest VARCHAR(64) NOT NULL,
	issued_at DATETIME NOT NULL,
	issued_by_id INTEGER NOT NULL,
	replaces_id INTEGER,
	shown_as_id INTEGER,
	CONSTRAINT pk_certificate PRIMARY KEY (id),
	CONSTRAINT ck_certificate_seq CHECK (seq > 0),
	CONSTRAINT ck_certificate_digest CHECK (length(digest) = 64),
	CONSTRAINT ck_certificate_token CHECK (length(token) >= 22),
	CONSTRAINT ck_certificate_not_for_oneself CHECK (issued_by_id <> person_id),
	CONSTRAINT fk_certificate_issued_by_id_person FOREIGN KEY(issued_by_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_replaces_id_certificate FOREIGN KEY(replaces_id) REFERENCES certificate (id),
	CONSTRAINT fk_certificate_request_id_certificate_request FOREIGN KEY(request_id) REFERENCES certificate_request (id),
	CONSTRAINT fk_certificate_shown_as_id_certificate FOREIGN KEY(shown_as_id) REFERENCES certificate (id),
	CONSTRAINT fk_certificate_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_certificate_number UNIQUE (number),
	CONSTRAINT uq_certificate_replaces_id UNIQUE (replaces_id),
	CONSTRAINT uq_certificate_request_id UNIQUE (request_id),
	CONSTRAINT uq_certificate_token UNIQUE (token),
	CONSTRAINT uq_certificate_unit_id_year_seq UNIQUE (unit_id, year, seq)
);

CREATE INDEX ix_certificate_person_id ON certificate (person_id);

CREATE TRIGGER certificate_no_delete BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'certificate is append-only'); END;

CREATE TRIGGER certificate_no_update BEFORE UPDATE ON certificate BEGIN SELECT RAISE(ABORT, 'certificate is append-only'); END;

CREATE TRIGGER certificate_rule_1 BEFORE INSERT ON certificate WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM certificate WHERE unit_id = NEW.unit_id AND year = NEW.year) BEGIN SELECT RAISE(ABORT, 'certificates are numbered without a gap'); END;

CREATE TRIGGER certificate_rule_2 BEFORE INSERT ON certificate WHEN NOT EXISTS (SELECT 1 FROM certificate_request r WHERE r.id = NEW.request_id AND r.person_id = NEW.person_id AND r.unit_id = NEW.unit_id AND r.accepted_at IS NOT NULL AND r.ended_at IS NULL AND r.accepted_by_id <> NEW.issued_by_id AND coalesce(r.replaces_id, 0) = coalesce(NEW.replaces_id, 0)) BEGIN SELECT RAISE(ABORT, 'a certificate is issued of what another has accepted'); END;

CREATE TRIGGER certificate_rule_3 BEFORE INSERT ON certificate WHEN NEW.replaces_id IS NOT NULL AND EXISTS (SELECT 1 FROM certificate_revocation WHERE certificate_revocation.certificate_id = NEW.replaces_id AND verdict = 'confirmed') BEGIN SELECT RAISE(ABORT, 'what was revoked is not replaced'); END;

CREATE TABLE certificate_batch (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	since DATE NOT NULL,
	until DATE NOT NULL,
	purpose VARCHAR(60) NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	CONSTRAINT pk_certificate_batch PRIMARY KEY (id),
	CONSTRAINT fk_certificate_batch_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_batch_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_certificate_batch_unit_id ON certificate_batch (unit_id);

CREATE TABLE certificate_counter (
	unit_id INTEGER NOT NULL,
	year INTEGER NOT NULL,
	last INTEGER NOT NULL,
	CONSTRAINT pk_certificate_counter PRIMARY KEY (unit_id, year),
	CONSTRAINT ck_certificate_counter_last CHECK (last > 0),
	CONSTRAINT fk_certificate_counter_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE TABLE certificate_request (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	batch_id INTEGER,
	replaces_id INTEGER,
	since DATE NOT NULL,
	until DATE NOT NULL,
	purpose VARCHAR(60) NOT NULL,
	document_kind VARCHAR(32),
	document_masked VARCHAR(40) DEFAULT '' NOT NULL,
	document_hash VARCHAR(64) DEFAULT '' NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	contact VARCHAR(40) DEFAULT '' NOT NULL,
	notes VARCHAR(200) DEFAULT '' NOT NULL,
	accepted_at DATETIME,
	accepted_by_id INTEGER,
	issued_at DATETIME,
	ended_at DATETIME,
	ended_by_id INTEGER,
	ending VARCHAR(32),
	end_reason VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_certificate_request PRIMARY KEY (id),
	CONSTRAINT ck_certificate_request_period CHECK (until >= since),
	CONSTRAINT ck_certificate_request_accepted CHECK ((accepted_at IS NULL) = (accepted_by_id IS NULL)),
	CONSTRAINT ck_certificate_request_not_for_oneself CHECK (accepted_by_id IS NULL OR accepted_by_id <> person_id),
	CONSTRAINT ck_certificate_request_contact CHECK (accepted_at IS NULL OR contact <> ''),
	CONSTRAINT ck_certificate_request_ended CHECK ((ended_at IS NULL) = (ending IS NULL) AND (ended_at IS NULL) = (ended_by_id IS NULL)),
	CONSTRAINT ck_certificate_request_end_reason CHECK (ending <> 'returned' OR end_reason <> ''),
	CONSTRAINT ck_certificate_request_issued CHECK (issued_at IS NULL OR (accepted_at IS NOT NULL AND ended_at IS NULL)),
	CONSTRAINT ck_certificate_request_document CHECK ((document_kind IS NULL) = (document_masked = '') AND (document_kind IS NULL) = (document_hash = '')),
	CONSTRAINT fk_certificate_request_accepted_by_id_person FOREIGN KEY(accepted_by_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_request_batch_id_certificate_batch FOREIGN KEY(batch_id) REFERENCES certificate_batch (id),
	CONSTRAINT fk_certificate_request_ended_by_id_person FOREIGN KEY(ended_by_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_request_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_request_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_request_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_certificate_request_documentkind CHECK (document_kind IN ('id_card', 'passport', 'hk_macao', 'taiwan')),
	CONSTRAINT ck_certificate_request_ending CHECK (ending IN ('returned', 'withdrawn'))
);

CREATE INDEX ix_certificate_request_batch_id ON certificate_request (batch_id);

CREATE INDEX ix_certificate_request_person ON certificate_request (person_id, made_at);

CREATE INDEX ix_certificate_request_unit ON certificate_request (unit_id, issued_at, ended_at);

CREATE UNIQUE INDEX uq_certificate_request_open ON certificate_request (person_id, unit_id, since, until) WHERE ended_at IS NULL AND issued_at IS NULL;

CREATE TRIGGER certificate_request_rule_4 BEFORE UPDATE OF id, person_id, unit_id, batch_id, replaces_id, since, until, made_by_id, made_at, accepted_at, accepted_by_id, issued_at, ended_at, ended_by_id, ending ON certificate_request WHEN OLD.issued_at IS NOT NULL OR OLD.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'what was issued or has ended stays'); END;

CREATE TRIGGER certificate_request_rule_5 BEFORE DELETE ON certificate_request WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'a request stays'); END;

CREATE TRIGGER certificate_request_words BEFORE UPDATE OF purpose, document_kind, document_masked, document_hash, contact, notes, end_reason ON certificate_request WHEN ((OLD.issued_at IS NULL AND OLD.ended_at IS NULL) OR (EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL) AND (NEW.purpose = OLD.purpose OR NEW.purpose IN ('', '已按本人要求删除')) AND (NEW.document_masked = OLD.document_masked OR NEW.document_masked IN ('', '已按本人要求删除')) AND (NEW.document_hash = OLD.document_hash OR NEW.document_hash IN ('', '已按本人要求删除')) AND (NEW.contact = OLD.contact OR NEW.contact IN ('', '已按本人要求删除')) AND (NEW.notes = OLD.notes OR NEW.notes IN ('', '已按本人要求删除')) AND (NEW.end_reason = OLD.end_reason OR NEW.end_reason IN ('', '已按本人要求删除')) AND (NEW.document_kind IS NULL OR NEW.document_kind = OLD.document_kind))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what was issued or has ended stays'); END;

CREATE TABLE certificate_revocation (
	id INTEGER NOT NULL,
	certificate_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	reason VARCHAR(200) NOT NULL,
	asked_by_id INTEGER NOT NULL,
	asked_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_certificate_revocation PRIMARY KEY (id),
	CONSTRAINT ck_certificate_revocation_reason CHECK (reason <> ''),
	CONSTRAINT ck_certificate_revocation_decided CHECK ((decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)),
	CONSTRAINT ck_certificate_revocation_two_people CHECK (decided_by_id IS NULL OR decided_by_id <> asked_by_id),
	CONSTRAINT ck_certificate_revocation_answer CHECK (verdict <> 'refused' OR answer <> ''),
	CONSTRAINT fk_certificate_revocation_asked_by_id_person FOREIGN KEY(asked_by_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_revocation_certificate_id_certificate FOREIGN KEY(certificate_id) REFERENCES certificate (id),
	CONSTRAINT fk_certificate_revocation_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_certificate_revocation_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_certificate_revocation_certificateverdict CHECK (verdict IN ('confirmed', 'refused'))
);

CREATE INDEX ix_certificate_revocation_unit ON certificate_revocation (unit_id, decided_at);

CREATE UNIQUE INDEX uq_certificate_revocation_standing ON certificate_revocation (certificate_id) WHERE verdict IS NULL OR verdict = 'confirmed';

CREATE TRIGGER certificate_revocation_rule_6 BEFORE UPDATE ON certificate_revocation WHEN OLD.decided_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;

CREATE TRIGGER certificate_revocation_rule_7 BEFORE UPDATE ON certificate_revocation WHEN NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM certificate WHERE certificate.id = NEW.certificate_id AND certificate.person_id = NEW.decided_by_id) BEGIN SELECT RAISE(ABORT, 'nobody decides about their own'); END;

CREATE TRIGGER certificate_revocation_rule_8 BEFORE DELETE ON certificate_revocation WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;

CREATE TABLE claim (
	id INTEGER NOT NULL,
	batch_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	in_at DATETIME NOT NULL,
	out_at DATETIME NOT NULL,
	attendance_id INTEGER,
	skipped VARCHAR(60) DEFAULT '' NOT NULL, open_shift_id INTEGER CONSTRAINT fk_claim_open_shift_id_shift REFERENCES shift (id), returned VARCHAR(200) DEFAULT '' NOT NULL CONSTRAINT ck_claim_returned CHECK (returned = '' OR (attendance_id IS NULL AND skipped = '')),
	CONSTRAINT pk_claim PRIMARY KEY (id),
	CONSTRAINT ck_claim_out_after_in CHECK (out_at > in_at),
	CONSTRAINT fk_claim_attendance_id_attendance FOREIGN KEY(attendance_id) REFERENCES attendance (id),
	CONSTRAINT fk_claim_batch_id_claim_batch FOREIGN KEY(batch_id) REFERENCES claim_batch (id),
	CONSTRAINT fk_claim_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT uq_claim_attendance_id UNIQUE (attendance_id),
	CONSTRAINT uq_claim_batch_id_person_id UNIQUE (batch_id, person_id)
);

CREATE INDEX ix_claim_person_id ON claim (person_id);

CREATE UNIQUE INDEX uq_claim_open ON claim (open_shift_id, person_id);

CREATE TABLE claim_batch (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	shift_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	note VARCHAR(200) NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL, waits_since DATETIME, withdrawn_at DATETIME CONSTRAINT ck_claim_batch_withdrawn CHECK (withdrawn_at IS NULL OR decided_at IS NULL),
	CONSTRAINT pk_claim_batch PRIMARY KEY (id),
	CONSTRAINT ck_claim_batch_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT ck_claim_batch_decided CHECK ((decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT ck_claim_batch_two_people CHECK (decided_by_id IS NULL OR decided_by_id <> made_by_id),
	CONSTRAINT fk_claim_batch_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_claim_batch_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_claim_batch_shift_id_shift FOREIGN KEY(shift_id) REFERENCES shift (id),
	CONSTRAINT fk_claim_batch_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_claim_batch_batchkind CHECK (kind IN ('ticked', 'paper', 'own')),
	CONSTRAINT ck_claim_batch_verdict CHECK (verdict IN ('approved', 'returned'))
);

CREATE INDEX ix_claim_batch_made_by ON claim_batch (made_by_id, made_at);

CREATE INDEX ix_claim_batch_unit ON claim_batch (unit_id, decided_at);

CREATE TRIGGER claim_batch_final BEFORE UPDATE OF decided_at, verdict, withdrawn_at ON claim_batch WHEN OLD.decided_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a decision is final'); END;

CREATE TRIGGER claim_batch_not_for_oneself BEFORE UPDATE ON claim_batch WHEN NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM claim WHERE claim.batch_id = NEW.id AND claim.person_id = NEW.decided_by_id) BEGIN SELECT RAISE(ABORT, 'nobody decides about a list with their own name'); END;

CREATE TRIGGER claim_batch_not_for_witness BEFORE UPDATE ON claim_batch WHEN NEW.decided_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM claim_witness w WHERE w.batch_id = NEW.id AND w.person_id = NEW.decided_by_id) BEGIN SELECT RAISE(ABORT, 'a witness does not decide'); END;

CREATE TRIGGER claim_batch_proven BEFORE UPDATE ON claim_batch WHEN NEW.decided_by_id IS NOT NULL AND OLD.decided_by_id IS NULL AND NEW.kind = 'own' AND NEW.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM claim_photo p WHERE p.batch_id = NEW.id AND p.removed_at IS NULL) AND NOT EXISTS (SELECT 1 FROM claim_witness w WHERE w.batch_id = NEW.id AND w.says = 'yes') BEGIN SELECT RAISE(ABORT, 'nothing proves it'); END;

CREATE TRIGGER claim_batch_settled AFTER UPDATE OF decided_at, withdrawn_at ON claim_batch WHEN NEW.decided_at IS NOT NULL OR NEW.withdrawn_at IS NOT NULL BEGIN UPDATE claim SET open_shift_id = NULL WHERE batch_id = NEW.id AND open_shift_id IS NOT NULL; END;

CREATE TABLE claim_photo (
	id INTEGER NOT NULL,
	batch_id INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	name VARCHAR(32) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	added_at DATETIME NOT NULL,
	removed_at DATETIME,
	CONSTRAINT pk_claim_photo PRIMARY KEY (id),
	CONSTRAINT ck_claim_photo_slot CHECK (slot BETWEEN 1 AND 3),
	CONSTRAINT ck_claim_photo_size CHECK (width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600),
	CONSTRAINT fk_claim_photo_batch_id_claim_batch FOREIGN KEY(batch_id) REFERENCES claim_batch (id),
	CONSTRAINT uq_claim_photo_batch_id_slot UNIQUE (batch_id, slot),
	CONSTRAINT uq_claim_photo_batch_id_digest UNIQUE (batch_id, digest),
	CONSTRAINT uq_claim_photo_name UNIQUE (name)
);

CREATE TABLE claim_witness (
	batch_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	asked_at DATETIME NOT NULL,
	answered_at DATETIME,
	says VARCHAR(32),
	CONSTRAINT pk_claim_witness PRIMARY KEY (batch_id),
	CONSTRAINT ck_claim_witness_answered CHECK ((answered_at IS NULL) = (says IS NULL)),
	CONSTRAINT fk_claim_witness_batch_id_claim_batch FOREIGN KEY(batch_id) REFERENCES claim_batch (id),
	CONSTRAINT fk_claim_witness_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT ck_claim_witness_says CHECK (says IN ('yes', 'no'))
);

CREATE INDEX ix_claim_witness_person_id ON claim_witness (person_id);

CREATE TRIGGER claim_witness_not_oneself BEFORE INSERT ON claim_witness WHEN EXISTS (SELECT 1 FROM claim WHERE claim.batch_id = NEW.batch_id AND claim.person_id = NEW.person_id) BEGIN SELECT RAISE(ABORT, 'nobody is their own witness'); END;

CREATE TABLE confirmed_pack (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	stage VARCHAR(32) NOT NULL,
	began_on DATE NOT NULL,
	nth INTEGER NOT NULL,
	set_id INTEGER NOT NULL,
	reached_on DATE NOT NULL,
	confirmed_at DATETIME NOT NULL,
	confirmed_by_id INTEGER NOT NULL,
	content TEXT NOT NULL,
	digest VARCHAR(64) NOT NULL,
	CONSTRAINT pk_confirmed_pack PRIMARY KEY (id),
	CONSTRAINT ck_confirmed_pack_nth CHECK (nth > 0),
	CONSTRAINT ck_confirmed_pack_two_people CHECK (confirmed_by_id <> person_id),
	CONSTRAINT ck_confirmed_pack_digest CHECK (length(digest) = 64),
	CONSTRAINT fk_confirmed_pack_confirmed_by_id_person FOREIGN KEY(confirmed_by_id) REFERENCES person (id),
	CONSTRAINT fk_confirmed_pack_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_confirmed_pack_set_id_requirement_set FOREIGN KEY(set_id) REFERENCES requirement_set (id),
	CONSTRAINT fk_confirmed_pack_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_confirmed_pack_person_id_stage_began_on_nth UNIQUE (person_id, stage, began_on, nth),
	CONSTRAINT ck_confirmed_pack_stagekind CHECK (stage IN ('masses', 'applicant', 'activist', 'candidate', 'probationary', 'member'))
);

CREATE INDEX ix_confirmed_pack_unit ON confirmed_pack (unit_id, confirmed_at);

CREATE TRIGGER confirmed_pack_no_delete BEFORE DELETE ON confirmed_pack BEGIN SELECT RAISE(ABORT, 'confirmed_pack is append-only'); END;

CREATE TRIGGER confirmed_pack_no_update BEFORE UPDATE ON confirmed_pack BEGIN SELECT RAISE(ABORT, 'confirmed_pack is append-only'); END;

CREATE TRIGGER confirmed_pack_one_stands BEFORE INSERT ON confirmed_pack WHEN NEW.nth > 1 AND NOT EXISTS (SELECT 1 FROM confirmed_pack p JOIN pack_withdrawal w ON w.pack_id = p.id WHERE p.person_id = NEW.person_id AND p.stage = NEW.stage AND p.began_on = NEW.began_on AND p.nth = NEW.nth - 1) BEGIN SELECT RAISE(ABORT, 'another confirmation stands'); END;

CREATE TABLE consent (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	given_at DATETIME NOT NULL,
	withdrawn_at DATETIME,
	CONSTRAINT pk_consent PRIMARY KEY (id),
	CONSTRAINT fk_consent_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT ck_consent_consentkind CHECK (kind IN ('personal_board', 'named_credit', 'big_screen', 'contact'))
);

CREATE UNIQUE INDEX uq_consent_given ON consent (person_id, kind) WHERE withdrawn_at IS NULL;

CREATE TRIGGER consent_of_who_is_erased BEFORE INSERT ON consent WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TABLE departure (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	membership_id INTEGER NOT NULL,
	from_id INTEGER NOT NULL,
	to_id INTEGER,
	reason VARCHAR(32),
	note VARCHAR(100) DEFAULT '' NOT NULL,
	left_on DATE NOT NULL,
	ended JSON NOT NULL,
	recorded_on DATE NOT NULL,
	recorded_by_id INTEGER NOT NULL,
	taken_back_on DATE,
	taken_back_by_id INTEGER,
	CONSTRAINT pk_departure PRIMARY KEY (id),
	CONSTRAINT ck_departure_whither CHECK ((to_id IS NULL) = (reason IS NOT NULL)),
	CONSTRAINT ck_departure_dated CHECK (left_on <= recorded_on),
	CONSTRAINT ck_departure_taken_back CHECK ((taken_back_on IS NULL) = (taken_back_by_id IS NULL)),
	CONSTRAINT fk_departure_from_id_unit FOREIGN KEY(from_id) REFERENCES unit (id),
	CONSTRAINT fk_departure_membership_id_membership FOREIGN KEY(membership_id) REFERENCES membership (id),
	CONSTRAINT fk_departure_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_departure_recorded_by_id_person FOREIGN KEY(recorded_by_id) REFERENCES person (id),
	CONSTRAINT fk_departure_taken_back_by_id_person FOREIGN KEY(taken_back_by_id) REFERENCES person (id),
	CONSTRAINT fk_departure_to_id_unit FOREIGN KEY(to_id) REFERENCES unit (id),
	CONSTRAINT ck_departure_reason CHECK (reason IN ('moved', 'died', 'left_party'))
);

CREATE INDEX ix_departure_from ON departure (from_id, recorded_on);

CREATE INDEX ix_departure_person ON departure (person_id);

CREATE UNIQUE INDEX uq_departure_stands ON departure (membership_id) WHERE taken_back_on IS NULL;

CREATE TABLE dispute (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	attendance_id INTEGER,
	unit_id INTEGER NOT NULL,
	said VARCHAR(300) NOT NULL,
	made_at DATETIME NOT NULL,
	answer VARCHAR(300) DEFAULT '' NOT NULL,
	answered_at DATETIME,
	answered_by_id INTEGER, due_on DATE, acknowledged_at DATETIME, acknowledged_by_id INTEGER CONSTRAINT fk_dispute_acknowledged_by_id_person REFERENCES person (id) CONSTRAINT ck_dispute_acknowledged CHECK ((acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)) CONSTRAINT ck_dispute_acknowledged_by_another CHECK (acknowledged_by_id IS NULL OR acknowledged_by_id <> person_id), outcome VARCHAR(32) CONSTRAINT ck_dispute_outcome CHECK (outcome IN ('upheld', 'corrected', 'voided')) CONSTRAINT ck_dispute_outcome_answered CHECK (outcome IS NULL OR answered_at IS NOT NULL), entry_id INTEGER CONSTRAINT fk_dispute_entry_id_hour_entry REFERENCES hour_entry (id) CONSTRAINT ck_dispute_of_one CHECK ((attendance_id IS NULL) <> (entry_id IS NULL)),
	CONSTRAINT pk_dispute PRIMARY KEY (id),
	CONSTRAINT ck_dispute_answered CHECK ((answered_at IS NULL) = (answered_by_id IS NULL)),
	CONSTRAINT ck_dispute_two_people CHECK (answered_by_id IS NULL OR answered_by_id <> person_id),
	CONSTRAINT fk_dispute_answered_by_id_person FOREIGN KEY(answered_by_id) REFERENCES person (id),
	CONSTRAINT fk_dispute_attendance_id_attendance FOREIGN KEY(attendance_id) REFERENCES attendance (id),
	CONSTRAINT fk_dispute_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_dispute_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_dispute_person_id ON dispute (person_id);

CREATE INDEX ix_dispute_unit ON dispute (unit_id, answered_at);

CREATE UNIQUE INDEX uq_dispute_open ON dispute (attendance_id) WHERE answered_at IS NULL;

CREATE UNIQUE INDEX uq_dispute_open_entry ON dispute (entry_id) WHERE answered_at IS NULL AND entry_id IS NOT NULL;

CREATE TRIGGER dispute_two_hands BEFORE UPDATE ON dispute WHEN (NEW.answered_by_id IS NULL OR NEW.outcome IS NULL OR NEW.outcome <> 'upheld' OR NOT EXISTS (SELECT 1 FROM dispute_aside WHERE dispute_aside.dispute_id = NEW.id AND dispute_aside.person_id = NEW.answered_by_id)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'who made the record does not uphold it'); END;

CREATE TABLE dispute_aside (
	dispute_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	CONSTRAINT pk_dispute_aside PRIMARY KEY (dispute_id, person_id),
	CONSTRAINT fk_dispute_aside_dispute_id_dispute FOREIGN KEY(dispute_id) REFERENCES dispute (id),
	CONSTRAINT fk_dispute_aside_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE TABLE door_rule (
	activity_id INTEGER NOT NULL,
	day_code_at DATETIME,
	latitude_e6 INTEGER,
	longitude_e6 INTEGER,
	metres INTEGER,
	changed_at DATETIME NOT NULL,
	changed_by_id INTEGER NOT NULL,
	CONSTRAINT pk_door_rule PRIMARY KEY (activity_id),
	CONSTRAINT ck_door_rule_fence CHECK ((latitude_e6 IS NULL) = (metres IS NULL) AND (longitude_e6 IS NULL) = (metres IS NULL)),
	CONSTRAINT ck_door_rule_metres CHECK (metres BETWEEN 50 AND 2000),
	CONSTRAINT ck_door_rule_latitude CHECK (latitude_e6 BETWEEN -90000000 AND 90000000),
	CONSTRAINT ck_door_rule_longitude CHECK (longitude_e6 BETWEEN -180000000 AND 180000000),
	CONSTRAINT fk_door_rule_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_door_rule_changed_by_id_person FOREIGN KEY(changed_by_id) REFERENCES person (id)
);

CREATE TABLE erasure_entry (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	recorded_at DATETIME NOT NULL,
	erased_at DATETIME NOT NULL,
	request_id INTEGER,
	CONSTRAINT pk_erasure_entry PRIMARY KEY (id),
	CONSTRAINT fk_erasure_entry_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_erasure_entry_request_id_rights_request FOREIGN KEY(request_id) REFERENCES rights_request (id),
	CONSTRAINT uq_erasure_entry_person_id UNIQUE (person_id)
);

CREATE TRIGGER erasure_entry_no_delete BEFORE DELETE ON erasure_entry BEGIN SELECT RAISE(ABORT, 'erasure_entry is append-only'); END;

CREATE TRIGGER erasure_entry_no_update BEFORE UPDATE ON erasure_entry BEGIN SELECT RAISE(ABORT, 'erasure_entry is append-only'); END;

CREATE TABLE feedback_entry (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	half VARCHAR(7) NOT NULL,
	version INTEGER NOT NULL,
	grade VARCHAR(32) NOT NULL,
	words VARCHAR(200) DEFAULT '' NOT NULL,
	reason VARCHAR(200) DEFAULT '' NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	CONSTRAINT pk_feedback_entry PRIMARY KEY (id),
	CONSTRAINT ck_feedback_entry_version CHECK (version > 0 AND (version = 1 OR reason <> '')),
	CONSTRAINT ck_feedback_entry_two_people CHECK (made_by_id <> person_id),
	CONSTRAINT fk_feedback_entry_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_feedback_entry_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_feedback_entry_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_feedback_entry_person_id_half_unit_id_version UNIQUE (person_id, half, unit_id, version),
	CONSTRAINT ck_feedback_entry_grade CHECK (grade IN ('good', 'fair', 'plain'))
);

CREATE INDEX ix_feedback_entry_unit ON feedback_entry (unit_id, half);

CREATE TRIGGER feedback_entry_no_delete BEFORE DELETE ON feedback_entry BEGIN SELECT RAISE(ABORT, 'feedback_entry is append-only'); END;

CREATE TRIGGER feedback_entry_no_update BEFORE UPDATE ON feedback_entry BEGIN SELECT RAISE(ABORT, 'feedback_entry is append-only'); END;

CREATE TABLE fund_account (
	id INTEGER NOT NULL,
	code VARCHAR(30) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	name VARCHAR(60) NOT NULL,
	project_id INTEGER,
	balance BIGINT NOT NULL, purpose_id INTEGER CONSTRAINT fk_fund_account_purpose_id_fund_purpose REFERENCES fund_purpose (id) CONSTRAINT ck_fund_account_purpose CHECK ((kind = 'restricted') = (purpose_id IS NOT NULL)),
	CONSTRAINT pk_fund_account PRIMARY KEY (id),
	CONSTRAINT ck_fund_account_project CHECK ((kind IN ('project', 'other')) = (project_id IS NOT NULL)),
	CONSTRAINT ck_fund_account_no_debt CHECK (kind = 'outside' OR balance >= 0),
	CONSTRAINT fk_fund_account_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT uq_fund_account_code UNIQUE (code),
	CONSTRAINT uq_fund_account_project_id UNIQUE (project_id),
	CONSTRAINT ck_fund_account_fundaccountkind CHECK (kind IN ('outside', 'general', 'project', 'restricted', 'other'))
);

CREATE UNIQUE INDEX uq_fund_account_purpose_id ON fund_account (purpose_id);

CREATE TRIGGER fund_account_fixed BEFORE UPDATE OF code, project_id, purpose_id ON fund_account WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_account stays what it is'); END;

CREATE TRIGGER fund_account_kept BEFORE DELETE ON fund_account WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_account is kept'); END;

CREATE TRIGGER fund_account_kind BEFORE UPDATE OF kind ON fund_account WHEN (NEW.kind = OLD.kind OR (NEW.kind IN ('project', 'other') AND (NEW.kind = 'other') = (SELECT p.source = 'other' FROM fund_project p WHERE p.id = NEW.project_id) AND NOT EXISTS (SELECT 1 FROM fund_movement_entry m WHERE NEW.id IN (m.from_account_id, m.to_account_id)))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_account is of another kind'); END;

CREATE TRIGGER fund_account_made BEFORE INSERT ON fund_account WHEN ((NEW.project_id IS NULL OR (NEW.kind = 'other') = (SELECT p.source = 'other' FROM fund_project p WHERE p.id = NEW.project_id)) AND (NEW.purpose_id IS NULL OR EXISTS (SELECT 1 FROM fund_purpose p WHERE p.id = NEW.purpose_id AND p.verdict = 'approved'))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_account is of another kind'); END;

CREATE TABLE fund_amendment (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	number VARCHAR(40) NOT NULL,
	signed_on DATE NOT NULL,
	fen BIGINT NOT NULL,
	reason VARCHAR(200) NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	replaced JSON NOT NULL,
	CONSTRAINT pk_fund_amendment PRIMARY KEY (id),
	CONSTRAINT ck_fund_amendment_decided CHECK ((decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT ck_fund_amendment_two_people CHECK (decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = made_by_id)),
	CONSTRAINT ck_fund_amendment_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT fk_fund_amendment_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_amendment_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT ck_fund_amendment_fen CHECK (fen > 0),
	CONSTRAINT ck_fund_amendment_words CHECK (number <> '' AND reason <> ''),
	CONSTRAINT fk_fund_amendment_project_id_fund_contract FOREIGN KEY(project_id) REFERENCES fund_contract (project_id),
	CONSTRAINT ck_fund_amendment_amendmentverdict CHECK (verdict IN ('approved', 'returned', 'withdrawn'))
);

CREATE INDEX ix_fund_amendment_project_id ON fund_amendment (project_id);

CREATE UNIQUE INDEX uq_fund_amendment_number ON fund_amendment (number) WHERE verdict IS NULL OR verdict = 'approved';

CREATE UNIQUE INDEX uq_fund_amendment_open ON fund_amendment (project_id) WHERE decided_at IS NULL;

CREATE TRIGGER fund_amendment_decided BEFORE UPDATE ON fund_amendment WHEN (
OLD.decided_at IS NULL AND (NEW.verdict <> 'approved' OR (
  NEW.fen = (SELECT sum(q.fen) FROM fund_amendment_part q WHERE q.amendment_id = NEW.id) AND NEW.fen <= (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = NEW.project_id)
  AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN ('running', 'midterm', 'paused', 'final')
    AND NEW.decided_by_id <> p.created_by_id AND (p.applicant_id IS NULL OR NEW.decided_by_id <> p.applicant_id))
  AND NOT EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = NEW.project_id AND d.by_id = NEW.decided_by_id)
  AND NOT EXISTS (SELECT 1 FROM fund_stage_entry s
    WHERE s.project_id = NEW.project_id AND s.stage = 'applied' AND s.by_id = NEW.decided_by_id)
  AND NOT EXISTS (SELECT 1 FROM fund_instalment i WHERE i.project_id = NEW.project_id AND coalesce((SELECT sum(g.fen) FROM fund_request g WHERE g.instalment_id = i.id AND g.kind = 'grant' AND (g.state IS NULL OR g.state IN ('requested', 'approved'))), 0) > coalesce(
    (SELECT q.fen FROM fund_amendment_part q WHERE q.amendment_id = NEW.id AND q.place = i.place), 0))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'decided once, by another, within what was granted'); END;

CREATE TRIGGER fund_amendment_kept BEFORE DELETE ON fund_amendment WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_amendment is kept'); END;

CREATE TRIGGER fund_amendment_made BEFORE INSERT ON fund_amendment WHEN (NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN ('running', 'midterm', 'paused', 'final'))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'only a contract that runs is amended'); END;

CREATE TRIGGER fund_amendment_words BEFORE UPDATE OF id, project_id, number, signed_on, fen, reason, made_at, made_by_id ON fund_amendment WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_amendment does not change'); END;

CREATE TABLE fund_amendment_part (
	amendment_id INTEGER NOT NULL,
	place INTEGER NOT NULL,
	fen BIGINT NOT NULL,
	due_on DATE NOT NULL,
	"after" VARCHAR(32) NOT NULL,
	words VARCHAR(120) NOT NULL,
	CONSTRAINT pk_fund_amendment_part PRIMARY KEY (amendment_id, place),
	CONSTRAINT ck_fund_amendment_part_fen CHECK (fen > 0 AND place > 0),
	CONSTRAINT fk_fund_amendment_part_amendment_id_fund_amendment FOREIGN KEY(amendment_id) REFERENCES fund_amendment (id),
	CONSTRAINT ck_fund_amendment_part_fundamendmentafter CHECK ("after" IN ('start', 'midterm', 'final'))
);

CREATE TRIGGER fund_amendment_part_made BEFORE INSERT ON fund_amendment_part WHEN (EXISTS (SELECT 1 FROM fund_amendment a WHERE a.id = NEW.amendment_id AND a.verdict IS NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the amendment was decided'); END;

CREATE TRIGGER fund_amendment_part_no_delete BEFORE DELETE ON fund_amendment_part BEGIN SELECT RAISE(ABORT, 'fund_amendment_part is append-only'); END;

CREATE TRIGGER fund_amendment_part_no_update BEFORE UPDATE ON fund_amendment_part BEGIN SELECT RAISE(ABORT, 'fund_amendment_part is append-only'); END;

CREATE TABLE fund_budget_line (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	place INTEGER NOT NULL,
	name VARCHAR(40) NOT NULL,
	fen BIGINT NOT NULL,
	CONSTRAINT pk_fund_budget_line PRIMARY KEY (id),
	CONSTRAINT ck_fund_budget_line_fen CHECK (fen > 0),
	CONSTRAINT fk_fund_budget_line_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT uq_fund_budget_line_project_id_name UNIQUE (project_id, name)
);

CREATE TRIGGER fund_budget_line_fixed BEFORE UPDATE ON fund_budget_line WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the budget is fixed'); END;

CREATE TRIGGER fund_budget_line_kept BEFORE DELETE ON fund_budget_line WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = OLD.project_id AND p.stage = 'draft')) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the budget is fixed'); END;

CREATE TRIGGER fund_budget_line_made BEFORE INSERT ON fund_budget_line WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'draft')) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the budget is fixed'); END;

CREATE TABLE fund_call (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	title VARCHAR(60) NOT NULL,
	words VARCHAR(2000) NOT NULL,
	opens_on DATE NOT NULL,
	closes_on DATE NOT NULL,
	cap BIGINT,
	need INTEGER NOT NULL,
	fit INTEGER NOT NULL,
	participation INTEGER NOT NULL,
	feasibility INTEGER NOT NULL,
	novelty INTEGER NOT NULL,
	durability INTEGER NOT NULL,
	budget INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	published_at DATETIME,
	published_by_id INTEGER, withdrawn_at DATETIME,
	CONSTRAINT pk_fund_call PRIMARY KEY (id),
	CONSTRAINT ck_fund_call_dated CHECK (closes_on >= opens_on),
	CONSTRAINT ck_fund_call_cap CHECK (cap > 0),
	CONSTRAINT ck_fund_call_scored CHECK (kind IN ('care', 'micro')),
	CONSTRAINT ck_fund_call_weights CHECK (need >= 0 AND fit >= 0 AND participation >= 0 AND feasibility >= 0 AND novelty >= 0 AND durability >= 0 AND budget >= 0 AND need + fit + participation + feasibility + novelty + durability + budget = 100),
	CONSTRAINT ck_fund_call_published CHECK ((published_at IS NULL) = (published_by_id IS NULL)),
	CONSTRAINT ck_fund_call_two_people CHECK (published_by_id IS NULL OR published_by_id <> made_by_id),
	CONSTRAINT fk_fund_call_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_call_published_by_id_person FOREIGN KEY(published_by_id) REFERENCES person (id),
	CONSTRAINT ck_fund_call_projectkind CHECK (kind IN ('care', 'micro', 'wish', 'emergency'))
);

CREATE INDEX ix_fund_call_open ON fund_call (closes_on, published_at);

CREATE TRIGGER fund_call_fixed BEFORE UPDATE ON fund_call WHEN (
OLD.published_at IS NULL AND NEW.withdrawn_at IS NULL
OR (OLD.published_at IS NOT NULL AND OLD.withdrawn_at IS NULL AND NEW.kind = OLD.kind AND NEW.title = OLD.title AND NEW.words = OLD.words AND NEW.opens_on = OLD.opens_on AND NEW.need = OLD.need AND NEW.fit = OLD.fit AND NEW.participation = OLD.participation AND NEW.feasibility = OLD.feasibility AND NEW.novelty = OLD.novelty AND NEW.durability = OLD.durability AND NEW.budget = OLD.budget AND NEW.made_at = OLD.made_at AND NEW.made_by_id = OLD.made_by_id AND NEW.published_at = OLD.published_at AND NEW.published_by_id = OLD.published_by_id AND coalesce(NEW.cap, 0) = coalesce(OLD.cap, 0)
  AND ((NEW.withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM fund_call_change c WHERE c.call_id = OLD.id AND c.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_call_change l WHERE l.call_id = OLD.id AND l.verdict = 'approved' AND l.id > c.id) AND c.closes_on = NEW.closes_on AND NEW.closes_on > OLD.closes_on)) OR (NEW.withdrawn_at IS NOT NULL AND EXISTS (SELECT 1 FROM fund_call_change c WHERE c.call_id = OLD.id AND c.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_call_change l WHERE l.call_id = OLD.id AND l.verdict = 'approved' AND l.id > c.id) AND c.closes_on IS NULL AND c.decided_at = NEW.withdrawn_at AND NEW.closes_on = OLD.closes_on))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a published call does not change'); END;

CREATE TRIGGER fund_call_kept BEFORE DELETE ON fund_call WHEN (OLD.published_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a published call is kept'); END;

CREATE TABLE fund_call_change (
	id INTEGER NOT NULL,
	call_id INTEGER NOT NULL,
	was_on DATE NOT NULL,
	closes_on DATE,
	reason VARCHAR(200) NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_fund_call_change PRIMARY KEY (id),
	CONSTRAINT ck_fund_call_change_decided CHECK ((decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT ck_fund_call_change_two_people CHECK (decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = made_by_id)),
	CONSTRAINT ck_fund_call_change_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT fk_fund_call_change_call_id_fund_call FOREIGN KEY(call_id) REFERENCES fund_call (id),
	CONSTRAINT fk_fund_call_change_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT ck_fund_call_change_longer CHECK (closes_on > was_on),
	CONSTRAINT ck_fund_call_change_reason CHECK (reason <> ''),
	CONSTRAINT fk_fund_call_change_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT ck_fund_call_change_callchangeverdict CHECK (verdict IN ('approved', 'returned', 'withdrawn'))
);

CREATE INDEX ix_fund_call_change_call_id ON fund_call_change (call_id);

CREATE UNIQUE INDEX uq_fund_call_change_open ON fund_call_change (call_id) WHERE decided_at IS NULL;

CREATE TRIGGER fund_call_change_decided BEFORE UPDATE ON fund_call_change WHEN (OLD.decided_at IS NULL AND (NEW.verdict <> 'approved' OR ((NEW.closes_on IS NULL OR date(NEW.decided_at, '+8 hours') <= NEW.was_on) AND (NEW.closes_on IS NOT NULL OR NOT EXISTS (SELECT 1 FROM fund_project p WHERE p.call_id = NEW.call_id AND p.stage NOT IN ('draft', 'applied', 'checked', 'scored', 'publicised', 'declined')))))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'decided once, while the call is open'); END;

CREATE TRIGGER fund_call_change_kept BEFORE DELETE ON fund_call_change WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_call_change is kept'); END;

CREATE TRIGGER fund_call_change_made BEFORE INSERT ON fund_call_change WHEN (NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_call k WHERE k.id = NEW.call_id AND k.published_at IS NOT NULL AND k.withdrawn_at IS NULL AND k.closes_on = NEW.was_on AND (NEW.closes_on IS NULL OR NEW.closes_on > k.closes_on))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'only a published call is changed, never shortened'); END;

CREATE TRIGGER fund_call_change_words BEFORE UPDATE OF id, call_id, closes_on, was_on, reason, made_at, made_by_id ON fund_call_change WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_call_change does not change'); END;

CREATE TABLE fund_contract (
	project_id INTEGER NOT NULL,
	number VARCHAR(40) NOT NULL,
	signed_on DATE NOT NULL,
	party VARCHAR(80) NOT NULL,
	fen BIGINT NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	CONSTRAINT pk_fund_contract PRIMARY KEY (project_id),
	CONSTRAINT ck_fund_contract_fen CHECK (fen > 0),
	CONSTRAINT ck_fund_contract_words CHECK (number <> '' AND party <> ''),
	CONSTRAINT fk_fund_contract_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_contract_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT uq_fund_contract_number UNIQUE (number)
);

CREATE TRIGGER fund_contract_fixed BEFORE UPDATE ON fund_contract WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the contract is fixed'); END;

CREATE TRIGGER fund_contract_kept BEFORE DELETE ON fund_contract WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = OLD.project_id AND p.stage = 'approved')) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the contract is fixed'); END;

CREATE TRIGGER fund_contract_made BEFORE INSERT ON fund_contract WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'approved')) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the contract is fixed'); END;

CREATE TABLE fund_counter (
	series VARCHAR(40) NOT NULL,
	last BIGINT NOT NULL,
	CONSTRAINT pk_fund_counter PRIMARY KEY (series)
);

CREATE TABLE fund_delegation (
	id INTEGER NOT NULL,
	from_id INTEGER NOT NULL,
	to_id INTEGER NOT NULL,
	first_on DATE NOT NULL,
	last_on DATE NOT NULL,
	reason VARCHAR(200) NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	accepted_at DATETIME,
	ended_at DATETIME,
	ended_by_id INTEGER,
	CONSTRAINT pk_fund_delegation PRIMARY KEY (id),
	CONSTRAINT ck_fund_delegation_two_people CHECK (from_id <> to_id AND made_by_id <> to_id),
	CONSTRAINT ck_fund_delegation_dated CHECK (last_on >= first_on),
	CONSTRAINT ck_fund_delegation_reason CHECK (reason <> ''),
	CONSTRAINT ck_fund_delegation_ended CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)),
	CONSTRAINT fk_fund_delegation_ended_by_id_person FOREIGN KEY(ended_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_delegation_from_id_person FOREIGN KEY(from_id) REFERENCES person (id),
	CONSTRAINT fk_fund_delegation_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_delegation_to_id_person FOREIGN KEY(to_id) REFERENCES person (id)
);

CREATE INDEX ix_fund_delegation_from ON fund_delegation (from_id, last_on);

CREATE INDEX ix_fund_delegation_to ON fund_delegation (to_id, last_on);

CREATE TRIGGER fund_delegation_fixed BEFORE UPDATE OF from_id, to_id, first_on, last_on, reason, made_by_id, made_at ON fund_delegation WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_delegation does not change'); END;

CREATE TRIGGER fund_delegation_kept BEFORE DELETE ON fund_delegation WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_delegation is kept'); END;

CREATE TRIGGER fund_delegation_once BEFORE UPDATE OF accepted_at, ended_at, ended_by_id ON fund_delegation WHEN (OLD.ended_at IS NULL AND (OLD.accepted_at IS NULL OR NEW.accepted_at = OLD.accepted_at)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_delegation is accepted and ended once'); END;

CREATE TABLE fund_draft_entry (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	by_id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_fund_draft_entry PRIMARY KEY (id),
	CONSTRAINT fk_fund_draft_entry_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_draft_entry_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id)
);

CREATE INDEX ix_fund_draft_entry_project ON fund_draft_entry (project_id, by_id);

CREATE TRIGGER fund_draft_entry_no_delete BEFORE DELETE ON fund_draft_entry BEGIN SELECT RAISE(ABORT, 'fund_draft_entry is append-only'); END;

CREATE TRIGGER fund_draft_entry_no_update BEFORE UPDATE ON fund_draft_entry BEGIN SELECT RAISE(ABORT, 'fund_draft_entry is append-only'); END;

CREATE TRIGGER fund_draft_open BEFORE INSERT ON fund_draft_entry WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'draft')) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'only a draft is changed'); END;

CREATE TABLE fund_file (
	id INTEGER NOT NULL,
	request_id INTEGER,
	project_id INTEGER,
	kind VARCHAR(32) NOT NULL,
	form VARCHAR(32) NOT NULL,
	name VARCHAR(32) NOT NULL,
	title VARCHAR(80) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	size INTEGER NOT NULL,
	pages INTEGER NOT NULL,
	has_text BOOLEAN NOT NULL,
	added_at DATETIME NOT NULL,
	added_by_id INTEGER NOT NULL,
	standing VARCHAR(32) NOT NULL,
	CONSTRAINT pk_fund_file PRIMARY KEY (id),
	CONSTRAINT ck_fund_file_form CHECK (form <> 'jpeg' OR (pages = 1 AND NOT has_text)),
	CONSTRAINT ck_fund_file_title CHECK (title <> ''),
	CONSTRAINT ck_fund_file_of_one CHECK ((request_id IS NULL) <> (project_id IS NULL)),
	CONSTRAINT ck_fund_file_size CHECK (size > 0 AND pages > 0),
	CONSTRAINT fk_fund_file_added_by_id_person FOREIGN KEY(added_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_file_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT fk_fund_file_request_id_fund_request FOREIGN KEY(request_id) REFERENCES fund_request (id),
	CONSTRAINT uq_fund_file_name UNIQUE (name),
	CONSTRAINT ck_fund_file_fundfilekind CHECK (kind IN ('invoice', 'receipt', 'minute', 'contract', 'report', 'other')),
	CONSTRAINT ck_fund_file_fundfileform CHECK (form IN ('pdf', 'jpeg')),
	CONSTRAINT ck_fund_file_fundfilestanding CHECK (standing IN ('kept', 'open', 'struck'))
);

CREATE INDEX ix_fund_file_project ON fund_file (project_id);

CREATE INDEX ix_fund_file_request ON fund_file (request_id);

CREATE UNIQUE INDEX uq_fund_file_project ON fund_file (project_id, digest) WHERE standing <> 'struck';

CREATE UNIQUE INDEX uq_fund_file_request ON fund_file (request_id, digest) WHERE standing <> 'struck';

CREATE TRIGGER fund_file_fixed BEFORE UPDATE OF request_id, project_id, kind, form, name, title, digest, size, pages, has_text, added_at, added_by_id ON fund_file WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_file does not change'); END;

CREATE TRIGGER fund_file_kept BEFORE DELETE ON fund_file WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_file is kept'); END;

CREATE TABLE fund_file_step_entry (
	id INTEGER NOT NULL,
	file_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	step VARCHAR(32) NOT NULL,
	at DATETIME NOT NULL,
	by_id INTEGER NOT NULL,
	note VARCHAR(200) NOT NULL,
	CONSTRAINT pk_fund_file_step_entry PRIMARY KEY (id),
	CONSTRAINT ck_fund_file_step_entry_note CHECK (step = 'opened' OR note <> ''),
	CONSTRAINT fk_fund_file_step_entry_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_file_step_entry_file_id_fund_file FOREIGN KEY(file_id) REFERENCES fund_file (id),
	CONSTRAINT uq_fund_file_step_entry_file_id_seq UNIQUE (file_id, seq),
	CONSTRAINT ck_fund_file_step_entry_fundfilestep CHECK (step IN ('opened', 'closed', 'struck'))
);

CREATE TRIGGER fund_file_order BEFORE INSERT ON fund_file_step_entry WHEN (
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_file_step_entry s WHERE s.file_id = NEW.file_id)
AND EXISTS (SELECT 1 FROM fund_file f WHERE f.id = NEW.file_id
  AND ((f.standing = 'kept' AND NEW.step IN ('opened', 'struck')) OR (f.standing = 'open' AND NEW.step IN ('closed', 'struck')))
  AND (NEW.step <> 'opened' OR f.kind = 'report' OR NOT f.has_text)
  AND (NEW.step <> 'struck' OR f.kind <> 'minute' OR f.request_id IS NULL
    OR NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.id = f.request_id AND r.needs_minute
      AND r.state NOT IN ('requested', 'returned', 'withdrawn'))
    OR EXISTS (SELECT 1 FROM fund_file o WHERE o.request_id = f.request_id AND o.id <> f.id
      AND o.kind = 'minute' AND o.standing <> 'struck')))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_file_step_entry out of order'); END;

CREATE TRIGGER fund_file_state AFTER INSERT ON fund_file_step_entry BEGIN UPDATE fund_file SET standing = CASE NEW.step WHEN 'opened' THEN 'open' WHEN 'closed' THEN 'kept' ELSE 'struck' END WHERE id = NEW.file_id; END;

CREATE TRIGGER fund_file_step_entry_no_delete BEFORE DELETE ON fund_file_step_entry BEGIN SELECT RAISE(ABORT, 'fund_file_step_entry is append-only'); END;

CREATE TRIGGER fund_file_step_entry_no_update BEFORE UPDATE ON fund_file_step_entry BEGIN SELECT RAISE(ABORT, 'fund_file_step_entry is append-only'); END;

CREATE TABLE fund_instalment (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	place INTEGER NOT NULL,
	fen BIGINT NOT NULL,
	due_on DATE NOT NULL,
	"after" VARCHAR(32) NOT NULL,
	words VARCHAR(120) NOT NULL, dropped_by_id INTEGER CONSTRAINT fk_fund_instalment_dropped_by_id_fund_amendment REFERENCES fund_amendment (id),
	CONSTRAINT pk_fund_instalment PRIMARY KEY (id),
	CONSTRAINT ck_fund_instalment_fen CHECK (fen > 0 AND place > 0),
	CONSTRAINT fk_fund_instalment_project_id_fund_contract FOREIGN KEY(project_id) REFERENCES fund_contract (project_id),
	CONSTRAINT uq_fund_instalment_project_id_place UNIQUE (project_id, place),
	CONSTRAINT ck_fund_instalment_fundinstalmentafter CHECK ("after" IN ('start', 'midterm', 'final'))
);

CREATE TRIGGER fund_instalment_fixed BEFORE UPDATE ON fund_instalment WHEN (
NEW.id = OLD.id AND NEW.project_id = OLD.project_id AND NEW.place = OLD.place
AND ((NEW.dropped_by_id IS NULL AND EXISTS (SELECT 1 FROM fund_amendment a WHERE a.project_id = NEW.project_id AND a.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_amendment b WHERE b.project_id = NEW.project_id AND b.verdict = 'approved' AND b.id > a.id) AND EXISTS (SELECT 1 FROM fund_amendment_part q WHERE q.amendment_id = a.id AND q.place = NEW.place AND q.fen = NEW.fen AND q.due_on = NEW.due_on AND q.after = NEW.after AND q.words = NEW.words))) OR (NEW.dropped_by_id IS NOT NULL AND NEW.fen = OLD.fen AND NEW.due_on = OLD.due_on AND NEW.after = OLD.after AND NEW.words = OLD.words AND EXISTS (SELECT 1 FROM fund_amendment a WHERE a.project_id = NEW.project_id AND a.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_amendment b WHERE b.project_id = NEW.project_id AND b.verdict = 'approved' AND b.id > a.id) AND a.id = NEW.dropped_by_id AND NOT EXISTS (SELECT 1 FROM fund_amendment_part q WHERE q.amendment_id = a.id AND q.place = NEW.place))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the instalments are fixed'); END;

CREATE TRIGGER fund_instalment_kept BEFORE DELETE ON fund_instalment WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = OLD.project_id AND p.stage = 'approved')) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the instalments are fixed'); END;

CREATE TRIGGER fund_instalment_made BEFORE INSERT ON fund_instalment WHEN ((EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'approved')) OR (EXISTS (SELECT 1 FROM fund_amendment a WHERE a.project_id = NEW.project_id AND a.verdict = 'approved' AND NOT EXISTS (SELECT 1 FROM fund_amendment b WHERE b.project_id = NEW.project_id AND b.verdict = 'approved' AND b.id > a.id) AND EXISTS (SELECT 1 FROM fund_amendment_part q WHERE q.amendment_id = a.id AND q.place = NEW.place AND q.fen = NEW.fen AND q.due_on = NEW.due_on AND q.after = NEW.after AND q.words = NEW.words)))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the instalments are fixed'); END;

CREATE TABLE fund_movement_entry (
	id INTEGER NOT NULL,
	voucher_no BIGINT NOT NULL,
	line_no INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	from_account_id INTEGER NOT NULL,
	to_account_id INTEGER NOT NULL,
	fen BIGINT NOT NULL,
	budget_line_id INTEGER,
	request_id INTEGER NOT NULL,
	booked_on DATE NOT NULL,
	booked_at DATETIME NOT NULL,
	memo VARCHAR(300) NOT NULL,
	made_by_id INTEGER NOT NULL,
	approved_by_id INTEGER NOT NULL,
	reverses_id INTEGER,
	CONSTRAINT pk_fund_movement_entry PRIMARY KEY (id),
	CONSTRAINT ck_fund_movement_entry_line CHECK (kind <> 'spending' OR budget_line_id IS NOT NULL),
	CONSTRAINT ck_fund_movement_entry_explanation CHECK (reverses_id IS NULL OR memo <> ''),
	CONSTRAINT ck_fund_movement_entry_two_people CHECK (approved_by_id <> made_by_id),
	CONSTRAINT ck_fund_movement_entry_fen CHECK (fen > 0),
	CONSTRAINT ck_fund_movement_entry_two_accounts CHECK (from_account_id <> to_account_id),
	CONSTRAINT ck_fund_movement_entry_numbers CHECK (voucher_no > 0 AND line_no > 0),
	CONSTRAINT fk_fund_movement_entry_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_movement_entry_budget_line_id_fund_budget_line FOREIGN KEY(budget_line_id) REFERENCES fund_budget_line (id),
	CONSTRAINT fk_fund_movement_entry_from_account_id_fund_account FOREIGN KEY(from_account_id) REFERENCES fund_account (id),
	CONSTRAINT fk_fund_movement_entry_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_movement_entry_request_id_fund_request FOREIGN KEY(request_id) REFERENCES fund_request (id),
	CONSTRAINT fk_fund_movement_entry_reverses_id_fund_movement_entry FOREIGN KEY(reverses_id) REFERENCES fund_movement_entry (id),
	CONSTRAINT fk_fund_movement_entry_to_account_id_fund_account FOREIGN KEY(to_account_id) REFERENCES fund_account (id),
	CONSTRAINT uq_fund_movement_entry_request_id_line_no UNIQUE (request_id, line_no),
	CONSTRAINT uq_fund_movement_entry_reverses_id UNIQUE (reverses_id),
	CONSTRAINT uq_fund_movement_entry_voucher_no_line_no UNIQUE (voucher_no, line_no),
	CONSTRAINT ck_fund_movement_entry_fundmovementkind CHECK (kind IN ('opening', 'donation', 'grant', 'spending', 'refund', 'return', 'transfer'))
);

CREATE INDEX ix_fund_movement_entry_day ON fund_movement_entry (booked_on, voucher_no);

CREATE INDEX ix_fund_movement_entry_from ON fund_movement_entry (from_account_id, booked_on);

CREATE INDEX ix_fund_movement_entry_line ON fund_movement_entry (budget_line_id);

CREATE INDEX ix_fund_movement_entry_reverses ON fund_movement_entry (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE INDEX ix_fund_movement_entry_to ON fund_movement_entry (to_account_id, booked_on);

CREATE TRIGGER fund_movement_books AFTER INSERT ON fund_movement_entry BEGIN UPDATE fund_account SET balance = balance - NEW.fen WHERE id = NEW.from_account_id; UPDATE fund_account SET balance = balance + NEW.fen WHERE id = NEW.to_account_id; END;

CREATE TRIGGER fund_movement_closed BEFORE INSERT ON fund_movement_entry WHEN (NOT EXISTS (SELECT 1 FROM fund_account a JOIN fund_purpose u ON u.id = a.purpose_id WHERE u.closed_on IS NOT NULL AND a.id IN (NEW.from_account_id, NEW.to_account_id))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this purpose is closed'); END;

CREATE TRIGGER fund_movement_entry_no_delete BEFORE DELETE ON fund_movement_entry BEGIN SELECT RAISE(ABORT, 'fund_movement_entry is append-only'); END;

CREATE TRIGGER fund_movement_entry_no_update BEFORE UPDATE ON fund_movement_entry BEGIN SELECT RAISE(ABORT, 'fund_movement_entry is append-only'); END;

CREATE TRIGGER fund_movement_moves BEFORE INSERT ON fund_movement_entry WHEN (
NEW.reverses_id IS NOT NULL OR NEW.kind NOT IN ('grant', 'spending')
OR EXISTS (SELECT 1 FROM fund_request r JOIN fund_project p ON p.id = r.project_id WHERE r.id = NEW.request_id
  AND (r.kind = 'past_spending' OR p.stage IN ('running', 'midterm', 'final') OR (r.kind = 'payment' AND NEW.booked_on <= (
    SELECT date(s.at, '+8 hours') FROM fund_stage_entry s WHERE s.project_id = p.id ORDER BY s.seq DESC LIMIT 1))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'no money while a project stands still'); END;

CREATE TRIGGER fund_movement_order BEFORE INSERT ON fund_movement_entry WHEN (
NEW.line_no = 1
AND NEW.voucher_no = (SELECT coalesce(max(m.voucher_no), 0) + 1 FROM fund_movement_entry m)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id
  AND r.from_account_id = NEW.from_account_id AND r.to_account_id = NEW.to_account_id AND r.fen = NEW.fen
  AND ((r.kind = 'correction' AND r.state = 'approved' AND NEW.reverses_id IS NOT NULL)
    OR (r.kind <> 'correction' AND NEW.reverses_id IS NULL AND coalesce(r.budget_line_id, 0) = coalesce(NEW.budget_line_id, 0)
      AND ((r.kind = 'payment' AND r.state = 'paid' AND NEW.kind = 'spending')
        OR (r.kind = 'past_spending' AND r.state = 'approved' AND NEW.kind = 'spending')
        OR (r.kind IN ('opening', 'donation', 'grant', 'refund', 'return', 'transfer') AND r.state = 'approved' AND NEW.kind = r.kind)))))
AND EXISTS (SELECT 1 FROM fund_step_entry s
  WHERE s.request_id = NEW.request_id AND s.step IN ('approved', 'seconded') AND s.by_id = NEW.approved_by_id)
AND EXISTS (SELECT 1 FROM fund_step_entry s
  WHERE s.request_id = NEW.request_id AND s.step IN ('requested', 'paid') AND s.by_id = NEW.made_by_id)
AND ((NEW.reverses_id IS NOT NULL AND
EXISTS (SELECT 1 FROM fund_movement_entry o JOIN fund_request c ON c.id = NEW.request_id
  WHERE o.id = NEW.reverses_id AND o.request_id = c.corrects_id AND o.reverses_id IS NULL AND o.kind = NEW.kind AND o.fen = NEW.fen
  AND o.from_account_id = NEW.to_account_id AND o.to_account_id = NEW.from_account_id
  AND coalesce(o.budget_line_id, 0) = coalesce(NEW.budget_line_id, 0)
  AND (o.kind <> 'spending' OR (SELECT coalesce(sum(n.fen), 0) FROM fund_movement_entry n JOIN fund_request q ON q.id = n.request_id WHERE q.kind = 'refund' AND q.refunds_id = o.request_id AND n.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = n.id)) = 0)
  AND (o.kind <> 'grant' OR o.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'grant' AND m.from_account_id = o.from_account_id AND m.to_account_id = o.to_account_id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'return' AND m.from_account_id = o.to_account_id AND m.to_account_id = o.from_account_id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id))))
  AND (o.kind <> 'donation' OR (SELECT t.project_id FROM fund_account t WHERE t.id = o.to_account_id) IS NULL
    OR o.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'donation' AND m.to_account_id = o.to_account_id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m JOIN fund_account g ON g.id = m.to_account_id WHERE m.from_account_id = o.to_account_id AND (m.kind = 'transfer' OR (m.kind = 'return' AND g.kind = 'outside')) AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)))))
) OR (NEW.reverses_id IS NULL AND
EXISTS (SELECT 1 FROM fund_account a, fund_account b, fund_request r
  WHERE a.id = NEW.from_account_id AND b.id = NEW.to_account_id AND r.id = NEW.request_id
  AND coalesce(r.project_id, 0) = coalesce(a.project_id, b.project_id, 0) AND (
  (NEW.kind = 'opening' AND ((a.code = 'opening' AND b.kind IN ('general', 'restricted', 'project'))
      OR (a.code = 'other-in' AND b.kind = 'other')) AND (b.project_id IS NULL OR EXISTS (SELECT 1 FROM fund_stage_entry g WHERE g.project_id = b.project_id AND g.seq = 1 AND g.stage = 'archived'))
    AND NOT EXISTS (SELECT 1 FROM fund_movement_entry m WHERE m.kind = 'opening' AND m.to_account_id = b.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)))
  OR (NEW.kind = 'donation' AND ((a.code = 'donors' AND b.kind IN ('general', 'restricted', 'project'))
      OR (a.code = 'other-in' AND b.kind = 'other')))
  OR (NEW.kind = 'grant' AND b.kind = 'project' AND (a.kind = 'general' OR (a.kind = 'restricted'
      AND a.purpose_id = (SELECT p.purpose_id FROM fund_project p WHERE p.id = b.project_id))))
  OR (NEW.kind = 'spending' AND ((a.kind = 'project' AND b.code = 'payees') OR (a.kind = 'other' AND b.code = 'other-out'))
    AND EXISTS (SELECT 1 FROM fund_budget_line l WHERE l.id = NEW.budget_line_id AND l.project_id = a.project_id)
    AND (r.kind = 'payment' OR EXISTS (SELECT 1 FROM fund_stage_entry g WHERE g.project_id = a.project_id AND g.seq = 1 AND g.stage = 'archived')))
  OR (NEW.kind = 'refund' AND EXISTS (SELECT 1 FROM fund_movement_entry m WHERE m.request_id = r.refunds_id AND m.kind = 'spending'
    AND m.from_account_id = NEW.to_account_id AND m.to_account_id = NEW.from_account_id AND m.budget_line_id = NEW.budget_line_id
    AND NEW.fen + (SELECT coalesce(sum(n.fen), 0) FROM fund_movement_entry n JOIN fund_request q ON q.id = n.request_id WHERE q.kind = 'refund' AND q.refunds_id = r.refunds_id AND n.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = n.id)) <= m.fen
    AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)))
  OR (NEW.kind = 'return' AND ((a.kind = 'project' AND b.kind IN ('general', 'restricted') AND NEW.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'grant' AND m.from_account_id = b.id AND m.to_account_id = a.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'return' AND m.from_account_id = a.id AND m.to_account_id = b.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id))))
      OR (a.kind = 'other' AND b.code = 'other-in' AND NEW.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'donation' AND m.to_account_id = a.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m JOIN fund_account g ON g.id = m.to_account_id WHERE m.from_account_id = a.id AND (m.kind = 'transfer' OR (m.kind = 'return' AND g.kind = 'outside')) AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id))))))
  OR (NEW.kind = 'transfer' AND b.kind = 'restricted' AND (a.kind = 'general' OR (a.kind = 'project' AND NEW.fen <= ((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'donation' AND m.to_account_id = a.id AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m JOIN fund_account g ON g.id = m.to_account_id WHERE m.from_account_id = a.id AND (m.kind = 'transfer' OR (m.kind = 'return' AND g.kind = 'outside')) AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id))))))))
))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_movement_entry without its request'); END;

CREATE TABLE fund_photo (
	id INTEGER NOT NULL,
	pair_id INTEGER NOT NULL,
	side VARCHAR(32) NOT NULL,
	name VARCHAR(32) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	alt VARCHAR(80) NOT NULL,
	taken_on DATE NOT NULL,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	added_at DATETIME NOT NULL,
	added_by_id INTEGER NOT NULL,
	standing VARCHAR(32) NOT NULL,
	CONSTRAINT pk_fund_photo PRIMARY KEY (id),
	CONSTRAINT ck_fund_photo_alt CHECK (alt <> ''),
	CONSTRAINT ck_fund_photo_size CHECK (width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600),
	CONSTRAINT fk_fund_photo_added_by_id_person FOREIGN KEY(added_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_photo_pair_id_fund_photo_pair FOREIGN KEY(pair_id) REFERENCES fund_photo_pair (id),
	CONSTRAINT uq_fund_photo_name UNIQUE (name),
	CONSTRAINT ck_fund_photo_fundphotoside CHECK (side IN ('before', 'after')),
	CONSTRAINT ck_fund_photo_fundphotostanding CHECK (standing IN ('inside', 'open', 'withdrawn', 'removed'))
);

CREATE UNIQUE INDEX uq_fund_photo_side ON fund_photo (pair_id, side) WHERE standing IN ('inside', 'open');

CREATE TRIGGER fund_photo_fixed BEFORE UPDATE OF pair_id, side, name, digest, alt, taken_on, width, height, added_at, added_by_id ON fund_photo WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_photo does not change'); END;

CREATE TRIGGER fund_photo_kept BEFORE DELETE ON fund_photo WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_photo is kept'); END;

CREATE TABLE fund_photo_pair (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	caption VARCHAR(80) NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	CONSTRAINT pk_fund_photo_pair PRIMARY KEY (id),
	CONSTRAINT ck_fund_photo_pair_caption CHECK (caption <> ''),
	CONSTRAINT fk_fund_photo_pair_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_photo_pair_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id)
);

CREATE INDEX ix_fund_photo_pair_project ON fund_photo_pair (project_id);

CREATE TRIGGER fund_photo_pair_fixed BEFORE UPDATE OF project_id, caption, made_at, made_by_id ON fund_photo_pair WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_photo_pair does not change'); END;

CREATE TRIGGER fund_photo_pair_kept BEFORE DELETE ON fund_photo_pair WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_photo_pair is kept'); END;

CREATE TABLE fund_photo_step_entry (
	id INTEGER NOT NULL,
	photo_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	step VARCHAR(32) NOT NULL,
	at DATETIME NOT NULL,
	by_id INTEGER NOT NULL,
	asked_by VARCHAR(40) NOT NULL,
	asked_on DATE,
	note VARCHAR(200) NOT NULL,
	CONSTRAINT pk_fund_photo_step_entry PRIMARY KEY (id),
	CONSTRAINT ck_fund_photo_step_entry_asked CHECK ((step = 'agreed') = (asked_on IS NOT NULL) AND (step = 'agreed') = (asked_by <> '')),
	CONSTRAINT ck_fund_photo_step_entry_note CHECK (step NOT IN ('withdrawn', 'removed') OR note <> ''),
	CONSTRAINT fk_fund_photo_step_entry_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_photo_step_entry_photo_id_fund_photo FOREIGN KEY(photo_id) REFERENCES fund_photo (id),
	CONSTRAINT uq_fund_photo_step_entry_photo_id_seq UNIQUE (photo_id, seq),
	CONSTRAINT ck_fund_photo_step_entry_fundphotostep CHECK (step IN ('unseen', 'agreed', 'withdrawn', 'removed'))
);

CREATE TRIGGER fund_photo_order BEFORE INSERT ON fund_photo_step_entry WHEN (
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_photo_step_entry s WHERE s.photo_id = NEW.photo_id)
AND EXISTS (SELECT 1 FROM fund_photo p WHERE p.id = NEW.photo_id
  AND ((p.standing = 'inside' AND NEW.step IN ('unseen', 'agreed', 'removed'))
    OR (p.standing = 'open' AND NEW.step IN ('withdrawn', 'removed'))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_photo_step_entry out of order'); END;

CREATE TRIGGER fund_photo_state AFTER INSERT ON fund_photo_step_entry BEGIN UPDATE fund_photo SET standing = CASE NEW.step WHEN 'withdrawn' THEN 'withdrawn' WHEN 'removed' THEN 'removed' ELSE 'open' END WHERE id = NEW.photo_id; END;

CREATE TRIGGER fund_photo_step_entry_no_delete BEFORE DELETE ON fund_photo_step_entry BEGIN SELECT RAISE(ABORT, 'fund_photo_step_entry is append-only'); END;

CREATE TRIGGER fund_photo_step_entry_no_update BEFORE UPDATE ON fund_photo_step_entry BEGIN SELECT RAISE(ABORT, 'fund_photo_step_entry is append-only'); END;

CREATE TABLE fund_policy (
	id INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	second_above BIGINT NOT NULL,
	minute_above BIGINT NOT NULL,
	how_to_give TEXT NOT NULL, proposal_id INTEGER CONSTRAINT fk_fund_policy_proposal_id_fund_policy_proposal REFERENCES fund_policy_proposal (id), sum_days INTEGER DEFAULT 30 NOT NULL, sum_lines BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_fund_policy_sums CHECK (sum_days BETWEEN 0 AND 366 AND (sum_days > 0 OR NOT sum_lines)),
	CONSTRAINT pk_fund_policy PRIMARY KEY (id),
	CONSTRAINT ck_fund_policy_limits CHECK (second_above >= 0 AND minute_above >= second_above),
	CONSTRAINT uq_fund_policy_valid_from UNIQUE (valid_from)
);

CREATE UNIQUE INDEX uq_fund_policy_proposal_id ON fund_policy (proposal_id);

CREATE TRIGGER fund_policy_fixed BEFORE UPDATE ON fund_policy WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_policy does not change'); END;

CREATE TRIGGER fund_policy_kept BEFORE DELETE ON fund_policy WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_policy is kept'); END;

CREATE TRIGGER fund_policy_proposed BEFORE INSERT ON fund_policy WHEN (EXISTS (SELECT 1 FROM fund_policy_proposal p WHERE p.id = NEW.proposal_id AND p.verdict = 'approved' AND p.valid_from = NEW.valid_from AND p.second_above = NEW.second_above AND p.minute_above = NEW.minute_above AND p.how_to_give = NEW.how_to_give AND p.sum_days = NEW.sum_days AND p.sum_lines = NEW.sum_lines)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_policy is proposed and approved'); END;

CREATE TABLE fund_policy_proposal (
	id INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	second_above BIGINT NOT NULL,
	minute_above BIGINT NOT NULL,
	how_to_give TEXT NOT NULL,
	reason VARCHAR(200) NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL, sum_days INTEGER DEFAULT 30 NOT NULL, sum_lines BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_fund_policy_proposal_sums CHECK (sum_days BETWEEN 0 AND 366 AND (sum_days > 0 OR NOT sum_lines)),
	CONSTRAINT pk_fund_policy_proposal PRIMARY KEY (id),
	CONSTRAINT ck_fund_policy_proposal_limits CHECK (second_above >= 0 AND minute_above >= second_above),
	CONSTRAINT ck_fund_policy_proposal_words CHECK (reason <> '' AND how_to_give <> ''),
	CONSTRAINT ck_fund_policy_proposal_decided CHECK ((decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT ck_fund_policy_proposal_two_people CHECK (decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = made_by_id)),
	CONSTRAINT ck_fund_policy_proposal_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT fk_fund_policy_proposal_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_policy_proposal_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT ck_fund_policy_proposal_policyverdict CHECK (verdict IN ('approved', 'returned', 'withdrawn'))
);

CREATE UNIQUE INDEX uq_fund_policy_proposal_open ON fund_policy_proposal (valid_from) WHERE decided_at IS NULL;

CREATE TRIGGER fund_policy_proposal_fixed BEFORE UPDATE ON fund_policy_proposal WHEN (OLD.decided_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_policy_proposal is decided once'); END;

CREATE TRIGGER fund_policy_proposal_kept BEFORE DELETE ON fund_policy_proposal WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_policy_proposal is kept'); END;

CREATE TRIGGER fund_policy_proposal_sums BEFORE UPDATE OF sum_days, sum_lines ON fund_policy_proposal WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'it does not change'); END;

CREATE TRIGGER fund_policy_proposal_words BEFORE UPDATE OF valid_from, second_above, minute_above, how_to_give, reason, made_by_id, made_at ON fund_policy_proposal WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_policy_proposal does not change'); END;

CREATE TABLE fund_progress_entry (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	happened_on DATE NOT NULL,
	body VARCHAR(500) NOT NULL,
	published_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	replaces_id INTEGER,
	CONSTRAINT pk_fund_progress_entry PRIMARY KEY (id),
	CONSTRAINT fk_fund_progress_entry_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_progress_entry_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT fk_fund_progress_entry_replaces_id_fund_progress_entry FOREIGN KEY(replaces_id) REFERENCES fund_progress_entry (id),
	CONSTRAINT uq_fund_progress_entry_replaces_id UNIQUE (replaces_id)
);

CREATE INDEX ix_fund_progress_entry_project ON fund_progress_entry (project_id, happened_on);

CREATE TRIGGER fund_progress_entry_no_delete BEFORE DELETE ON fund_progress_entry BEGIN SELECT RAISE(ABORT, 'fund_progress_entry is append-only'); END;

CREATE TRIGGER fund_progress_entry_no_update BEFORE UPDATE ON fund_progress_entry BEGIN SELECT RAISE(ABORT, 'fund_progress_entry is append-only'); END;

CREATE TABLE fund_project (
	id INTEGER NOT NULL,
	number VARCHAR(20) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	source VARCHAR(32) NOT NULL,
	name VARCHAR(60) NOT NULL,
	summary VARCHAR(400) NOT NULL,
	area VARCHAR(60) NOT NULL,
	beneficiaries VARCHAR(120) NOT NULL,
	unit_id INTEGER NOT NULL,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	created_at DATETIME NOT NULL,
	created_by_id INTEGER NOT NULL,
	stage VARCHAR(32) NOT NULL, purpose_id INTEGER CONSTRAINT fk_fund_project_purpose_id_fund_purpose REFERENCES fund_purpose (id), source_name VARCHAR(60) DEFAULT '' NOT NULL CONSTRAINT ck_fund_project_source_name CHECK ((source = 'other') = (source_name <> '')) CONSTRAINT ck_fund_project_own CHECK (source = 'fund' OR purpose_id IS NULL), call_id INTEGER CONSTRAINT fk_fund_project_call_id_fund_call REFERENCES fund_call (id), applicant_id INTEGER CONSTRAINT fk_fund_project_applicant_id_person REFERENCES person (id), past_batch_id INTEGER,
	CONSTRAINT pk_fund_project PRIMARY KEY (id),
	CONSTRAINT ck_fund_project_dated CHECK (ends_on > starts_on),
	CONSTRAINT fk_fund_project_created_by_id_person FOREIGN KEY(created_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_project_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_fund_project_number UNIQUE (number),
	CONSTRAINT ck_fund_project_projectkind CHECK (kind IN ('care', 'micro', 'wish', 'emergency')),
	CONSTRAINT ck_fund_project_moneysource CHECK (source IN ('fund', 'other')),
	CONSTRAINT ck_fund_project_fundstage CHECK (stage IN ('draft', 'applied', 'checked', 'scored', 'publicised', 'approved', 'running', 'midterm', 'paused', 'final', 'stopped', 'closed', 'archived', 'declined', 'voided'))
);

CREATE INDEX ix_fund_project_call_id ON fund_project (call_id);

CREATE INDEX ix_fund_project_past_batch_id ON fund_project (past_batch_id);

CREATE INDEX ix_fund_project_purpose_id ON fund_project (purpose_id);

CREATE INDEX ix_fund_project_stage ON fund_project (stage, unit_id);

CREATE TRIGGER fund_project_money BEFORE UPDATE OF source, source_name, purpose_id ON fund_project WHEN (OLD.stage = 'draft' OR (NEW.source = OLD.source AND NEW.source_name = OLD.source_name AND coalesce(NEW.purpose_id, 0) = coalesce(OLD.purpose_id, 0))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'whose money it is stays'); END;

CREATE TRIGGER fund_project_origin BEFORE UPDATE OF past_batch_id ON fund_project WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'where a project comes from does not change'); END;

CREATE TRIGGER fund_project_purpose_made BEFORE INSERT ON fund_project WHEN (NEW.purpose_id IS NULL OR NOT EXISTS (SELECT 1 FROM fund_purpose u WHERE u.id = NEW.purpose_id AND u.closed_on IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this purpose is closed'); END;

CREATE TRIGGER fund_project_purpose_open BEFORE UPDATE OF purpose_id ON fund_project WHEN (NEW.purpose_id IS NULL OR NOT EXISTS (SELECT 1 FROM fund_purpose u WHERE u.id = NEW.purpose_id AND u.closed_on IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this purpose is closed'); END;

CREATE TABLE fund_project_activity (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	activity_id INTEGER NOT NULL,
	held_on DATE NOT NULL,
	linked_at DATETIME NOT NULL,
	linked_by_id INTEGER NOT NULL,
	ended_at DATETIME,
	ended_by_id INTEGER,
	end_reason VARCHAR(200) NOT NULL,
	CONSTRAINT pk_fund_project_activity PRIMARY KEY (id),
	CONSTRAINT ck_fund_project_activity_ended CHECK ((ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')),
	CONSTRAINT fk_fund_project_activity_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_fund_project_activity_ended_by_id_person FOREIGN KEY(ended_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_project_activity_linked_by_id_person FOREIGN KEY(linked_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_project_activity_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id)
);

CREATE INDEX ix_fund_project_activity_activity ON fund_project_activity (activity_id);

CREATE UNIQUE INDEX uq_fund_project_activity ON fund_project_activity (project_id, activity_id) WHERE ended_at IS NULL;

CREATE TRIGGER fund_project_activity_fixed BEFORE UPDATE OF project_id, activity_id, held_on, linked_at, linked_by_id ON fund_project_activity WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_project_activity does not change'); END;

CREATE TRIGGER fund_project_activity_kept BEFORE DELETE ON fund_project_activity WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_project_activity is kept'); END;

CREATE TRIGGER fund_project_activity_once BEFORE UPDATE ON fund_project_activity WHEN (OLD.ended_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_project_activity is decided'); END;

CREATE TABLE fund_purpose (
	id INTEGER NOT NULL,
	name VARCHAR(40) NOT NULL,
	words VARCHAR(300) NOT NULL,
	asked_by_id INTEGER NOT NULL,
	asked_at DATETIME NOT NULL,
	opened_on DATE,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL, closed_on DATE CONSTRAINT ck_fund_purpose_closed CHECK (closed_on IS NULL OR opened_on IS NOT NULL),
	CONSTRAINT pk_fund_purpose PRIMARY KEY (id),
	CONSTRAINT ck_fund_purpose_words CHECK (name <> '' AND words <> ''),
	CONSTRAINT ck_fund_purpose_opened CHECK ((verdict = 'approved') = (opened_on IS NOT NULL)),
	CONSTRAINT ck_fund_purpose_decided CHECK ((decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT ck_fund_purpose_two_people CHECK (decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = asked_by_id)),
	CONSTRAINT ck_fund_purpose_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT fk_fund_purpose_asked_by_id_person FOREIGN KEY(asked_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_purpose_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT ck_fund_purpose_purposeverdict CHECK (verdict IN ('approved', 'returned', 'withdrawn'))
);

CREATE UNIQUE INDEX uq_fund_purpose_name ON fund_purpose (name) WHERE verdict IS NULL OR verdict = 'approved';

CREATE TRIGGER fund_purpose_closed BEFORE UPDATE OF closed_on ON fund_purpose WHEN (
OLD.verdict = 'approved'
AND (NEW.closed_on IS NOT NULL) = (SELECT t.closes FROM fund_purpose_turn t WHERE t.purpose_id = OLD.id AND t.verdict = 'approved'
  ORDER BY t.decided_at DESC, t.id DESC LIMIT 1)
AND (NEW.closed_on IS NULL OR (
  NOT EXISTS (SELECT 1 FROM fund_account a WHERE a.purpose_id = OLD.id AND a.balance <> 0)
  AND NOT EXISTS (SELECT 1 FROM fund_request r JOIN fund_account a ON a.id IN (r.from_account_id, r.to_account_id)
    WHERE a.purpose_id = OLD.id AND r.state = 'requested')
  AND NOT EXISTS (SELECT 1 FROM fund_project p WHERE p.purpose_id = OLD.id
    AND p.stage NOT IN ('declined', 'closed', 'archived', 'voided'))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'closed by two people, when it is used up'); END;

CREATE TRIGGER fund_purpose_fixed BEFORE UPDATE OF decided_at, decided_by_id, verdict, answer, opened_on ON fund_purpose WHEN (OLD.decided_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_purpose is decided once'); END;

CREATE TRIGGER fund_purpose_kept BEFORE DELETE ON fund_purpose WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_purpose is kept'); END;

CREATE TRIGGER fund_purpose_words BEFORE UPDATE OF name, words, asked_by_id, asked_at ON fund_purpose WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_purpose does not change'); END;

CREATE TABLE fund_purpose_turn (
	id INTEGER NOT NULL,
	purpose_id INTEGER NOT NULL,
	closes BOOLEAN NOT NULL,
	reason VARCHAR(200) NOT NULL,
	asked_by_id INTEGER NOT NULL,
	asked_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_fund_purpose_turn PRIMARY KEY (id),
	CONSTRAINT ck_fund_purpose_turn_reason CHECK (reason <> ''),
	CONSTRAINT ck_fund_purpose_turn_decided CHECK ((decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT ck_fund_purpose_turn_two_people CHECK (decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = asked_by_id)),
	CONSTRAINT ck_fund_purpose_turn_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT fk_fund_purpose_turn_asked_by_id_person FOREIGN KEY(asked_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_purpose_turn_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_purpose_turn_purpose_id_fund_purpose FOREIGN KEY(purpose_id) REFERENCES fund_purpose (id),
	CONSTRAINT ck_fund_purpose_turn_purposeturnverdict CHECK (verdict IN ('approved', 'returned', 'withdrawn'))
);

CREATE INDEX ix_fund_purpose_turn_purpose_id ON fund_purpose_turn (purpose_id);

CREATE UNIQUE INDEX uq_fund_purpose_turn_open ON fund_purpose_turn (purpose_id) WHERE decided_at IS NULL;

CREATE TRIGGER fund_purpose_turn_fixed BEFORE UPDATE ON fund_purpose_turn WHEN (OLD.decided_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_purpose_turn is decided once'); END;

CREATE TRIGGER fund_purpose_turn_kept BEFORE DELETE ON fund_purpose_turn WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_purpose_turn is kept'); END;

CREATE TRIGGER fund_purpose_turn_made BEFORE INSERT ON fund_purpose_turn WHEN (NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_purpose u WHERE u.id = NEW.purpose_id AND u.verdict = 'approved' AND NEW.closes = (u.closed_on IS NULL))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'it is so already'); END;

CREATE TRIGGER fund_purpose_turn_words BEFORE UPDATE OF purpose_id, closes, reason, asked_by_id, asked_at ON fund_purpose_turn WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_purpose_turn does not change'); END;

CREATE TABLE fund_report (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	version INTEGER NOT NULL,
	done TEXT NOT NULL,
	people TEXT NOT NULL,
	leftovers TEXT NOT NULL,
	changed VARCHAR(200) NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	published_at DATETIME,
	published_by_id INTEGER,
	frozen JSON NOT NULL,
	digest VARCHAR(64) NOT NULL,
	returned_at DATETIME,
	returned_by_id INTEGER,
	return_note VARCHAR(200) NOT NULL,
	CONSTRAINT pk_fund_report PRIMARY KEY (id),
	CONSTRAINT ck_fund_report_published CHECK ((published_at IS NULL) = (published_by_id IS NULL) AND (published_at IS NULL) = (digest = '')),
	CONSTRAINT ck_fund_report_returned CHECK ((returned_at IS NULL) = (returned_by_id IS NULL) AND (returned_at IS NULL) = (return_note = '')),
	CONSTRAINT ck_fund_report_words CHECK (done <> '' AND people <> '' AND leftovers <> ''),
	CONSTRAINT ck_fund_report_one_end CHECK (published_at IS NULL OR returned_at IS NULL),
	CONSTRAINT ck_fund_report_two_people CHECK (published_by_id IS NULL OR published_by_id <> made_by_id),
	CONSTRAINT ck_fund_report_version CHECK (version > 0),
	CONSTRAINT fk_fund_report_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_report_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT fk_fund_report_published_by_id_person FOREIGN KEY(published_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_report_returned_by_id_person FOREIGN KEY(returned_by_id) REFERENCES person (id),
	CONSTRAINT uq_fund_report_project_id_version UNIQUE (project_id, version)
);

CREATE UNIQUE INDEX uq_fund_report_waiting ON fund_report (project_id) WHERE published_at IS NULL AND returned_at IS NULL;

CREATE TRIGGER fund_report_fixed BEFORE UPDATE OF project_id, version, done, people, leftovers, changed, made_at, made_by_id ON fund_report WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_report does not change'); END;

CREATE TRIGGER fund_report_kept BEFORE DELETE ON fund_report WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_report is kept'); END;

CREATE TRIGGER fund_report_once BEFORE UPDATE ON fund_report WHEN (OLD.published_at IS NULL AND OLD.returned_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_report is decided'); END;

CREATE TABLE fund_request (
	id INTEGER NOT NULL,
	number VARCHAR(30) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	unit_id INTEGER NOT NULL,
	project_id INTEGER,
	budget_line_id INTEGER,
	from_account_id INTEGER,
	to_account_id INTEGER,
	fen BIGINT,
	purpose VARCHAR(80) NOT NULL,
	counterparty VARCHAR(60) NOT NULL,
	public_name VARCHAR(60) NOT NULL,
	reference VARCHAR(60) NOT NULL,
	minute_ref VARCHAR(60) NOT NULL,
	explanation VARCHAR(300) NOT NULL,
	happened_on DATE,
	needs_second BOOLEAN NOT NULL,
	needs_minute BOOLEAN NOT NULL,
	corrects_id INTEGER,
	service_id INTEGER,
	requested_by_id INTEGER NOT NULL,
	requested_at DATETIME NOT NULL,
	form_key VARCHAR(32),
	state VARCHAR(32),
	steps INTEGER NOT NULL,
	last_by_id INTEGER, refunds_id INTEGER CONSTRAINT fk_fund_request_refunds_id_fund_request REFERENCES fund_request (id) CONSTRAINT ck_fund_request_refunds CHECK ((kind = 'refund') = (refunds_id IS NOT NULL)), instalment_id INTEGER CONSTRAINT fk_fund_request_instalment_id_fund_instalment REFERENCES fund_instalment (id),
	CONSTRAINT pk_fund_request PRIMARY KEY (id),
	CONSTRAINT ck_fund_request_corrects CHECK ((kind = 'correction') = (corrects_id IS NOT NULL)),
	CONSTRAINT ck_fund_request_money CHECK ((kind = 'figure') = (fen IS NULL) AND (fen IS NULL) = (from_account_id IS NULL) AND (fen IS NULL) = (to_account_id IS NULL)),
	CONSTRAINT ck_fund_request_service CHECK ((kind = 'figure') = (service_id IS NOT NULL)),
	CONSTRAINT ck_fund_request_line CHECK ((kind IN ('payment', 'refund', 'past_spending')) = (budget_line_id IS NOT NULL)),
	CONSTRAINT ck_fund_request_minute CHECK ((kind <> 'transfer' OR needs_minute) AND (NOT needs_minute OR minute_ref <> '')),
	CONSTRAINT ck_fund_request_explanation CHECK (kind NOT IN ('correction', 'figure', 'transfer') OR explanation <> ''),
	CONSTRAINT ck_fund_request_fen CHECK (fen > 0),
	CONSTRAINT fk_fund_request_budget_line_id_fund_budget_line FOREIGN KEY(budget_line_id) REFERENCES fund_budget_line (id),
	CONSTRAINT fk_fund_request_corrects_id_fund_request FOREIGN KEY(corrects_id) REFERENCES fund_request (id),
	CONSTRAINT fk_fund_request_from_account_id_fund_account FOREIGN KEY(from_account_id) REFERENCES fund_account (id),
	CONSTRAINT fk_fund_request_last_by_id_person FOREIGN KEY(last_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_request_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT fk_fund_request_requested_by_id_person FOREIGN KEY(requested_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_request_service_id_fund_service_entry FOREIGN KEY(service_id) REFERENCES fund_service_entry (id),
	CONSTRAINT fk_fund_request_to_account_id_fund_account FOREIGN KEY(to_account_id) REFERENCES fund_account (id),
	CONSTRAINT fk_fund_request_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_fund_request_form_key UNIQUE (form_key),
	CONSTRAINT uq_fund_request_number UNIQUE (number),
	CONSTRAINT ck_fund_request_fundrequestkind CHECK (kind IN ('opening', 'donation', 'grant', 'payment', 'refund', 'return', 'transfer', 'past_spending', 'correction', 'figure')),
	CONSTRAINT ck_fund_request_fundstep CHECK (state IN ('requested', 'approved', 'seconded', 'paid', 'reconciled', 'mismatch', 'answered', 'returned', 'withdrawn', 'corrected'))
);

CREATE INDEX ix_fund_request_corrects_id ON fund_request (corrects_id);

CREATE INDEX ix_fund_request_instalment_id ON fund_request (instalment_id);

CREATE INDEX ix_fund_request_project ON fund_request (project_id);

CREATE INDEX ix_fund_request_refunds_id ON fund_request (refunds_id);

CREATE INDEX ix_fund_request_service_id ON fund_request (service_id);

CREATE INDEX ix_fund_request_state ON fund_request (state, unit_id);

CREATE TRIGGER fund_request_fixed BEFORE UPDATE OF number, kind, unit_id, project_id, budget_line_id, from_account_id, to_account_id, fen, purpose, counterparty, reference, minute_ref, explanation, happened_on, needs_second, needs_minute, corrects_id, refunds_id, service_id, requested_by_id, requested_at, form_key ON fund_request WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_request does not change'); END;

CREATE TRIGGER fund_request_instalment BEFORE INSERT ON fund_request WHEN (
(NEW.kind = 'grant') = (NEW.instalment_id IS NOT NULL)
AND (NEW.kind <> 'grant' OR EXISTS (SELECT 1 FROM fund_instalment i WHERE i.id = NEW.instalment_id AND i.project_id = NEW.project_id AND i.dropped_by_id IS NULL
  AND NEW.fen <= i.fen - coalesce((SELECT sum(g.fen) FROM fund_request g WHERE g.instalment_id = i.id AND g.kind = 'grant' AND (g.state IS NULL OR g.state IN ('requested', 'approved'))), 0)
  AND (i.after = 'start' OR EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = i.after))
  AND NOT EXISTS (SELECT 1 FROM fund_instalment b WHERE b.project_id = i.project_id AND b.place < i.place AND b.dropped_by_id IS NULL
    AND b.fen > coalesce((SELECT sum(g.fen) FROM fund_request g WHERE g.instalment_id = b.id AND g.kind = 'grant' AND (g.state IS NULL OR g.state IN ('requested', 'approved'))), 0))))
AND (NEW.kind NOT IN ('grant', 'payment', 'donation') OR NEW.project_id IS NULL OR EXISTS (
  SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN ('running', 'midterm', 'final')))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'money comes in instalments, while a project runs'); END;

CREATE TRIGGER fund_request_kept BEFORE DELETE ON fund_request WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_request is kept'); END;

CREATE TRIGGER fund_request_paid_in BEFORE UPDATE OF instalment_id ON fund_request WHEN (FALSE) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_request does not change'); END;

CREATE TRIGGER fund_request_together BEFORE INSERT ON fund_request WHEN (
NEW.kind <> 'payment' OR EXISTS (SELECT 1 FROM fund_policy p WHERE p.valid_from = (
  SELECT max(q.valid_from) FROM fund_policy q WHERE q.valid_from <= date(NEW.requested_at, '+8 hours')) AND (NEW.needs_second OR ((NEW.fen + CASE WHEN p.sum_days > 0 THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' AND r.project_id = NEW.project_id AND r.counterparty = NEW.counterparty AND date(r.requested_at, '+8 hours') <= date(NEW.requested_at, '+8 hours') AND date(r.requested_at, '+8 hours') > date(NEW.requested_at, '+8 hours', '-' || p.sum_days || ' days') AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END) <= p.second_above AND (NEW.fen + CASE WHEN p.sum_lines THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' AND r.project_id = NEW.project_id AND r.budget_line_id = NEW.budget_line_id AND date(r.requested_at, '+8 hours') <= date(NEW.requested_at, '+8 hours') AND date(r.requested_at, '+8 hours') > date(NEW.requested_at, '+8 hours', '-' || p.sum_days || ' days') AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END) <= p.second_above)) AND (NEW.needs_minute OR ((NEW.fen + CASE WHEN p.sum_days > 0 THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' AND r.project_id = NEW.project_id AND r.counterparty = NEW.counterparty AND date(r.requested_at, '+8 hours') <= date(NEW.requested_at, '+8 hours') AND date(r.requested_at, '+8 hours') > date(NEW.requested_at, '+8 hours', '-' || p.sum_days || ' days') AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END) <= p.minute_above AND (NEW.fen + CASE WHEN p.sum_lines THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' AND r.project_id = NEW.project_id AND r.budget_line_id = NEW.budget_line_id AND date(r.requested_at, '+8 hours') <= date(NEW.requested_at, '+8 hours') AND date(r.requested_at, '+8 hours') > date(NEW.requested_at, '+8 hours', '-' || p.sum_days || ' days') AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END) <= p.minute_above)))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'together they are above the limit'); END;

CREATE TRIGGER fund_request_unnamed BEFORE UPDATE OF public_name ON fund_request WHEN (NEW.public_name = '') IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a public name is only taken back'); END;

CREATE TABLE fund_service_entry (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	served_on DATE NOT NULL,
	people INTEGER NOT NULL,
	what VARCHAR(300) NOT NULL,
	activity_id INTEGER,
	booked_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	approved_by_id INTEGER,
	reverses_id INTEGER,
	CONSTRAINT pk_fund_service_entry PRIMARY KEY (id),
	CONSTRAINT ck_fund_service_entry_explanation CHECK (reverses_id IS NULL OR (what <> '' AND approved_by_id IS NOT NULL)),
	CONSTRAINT ck_fund_service_entry_sign CHECK ((reverses_id IS NULL AND people > 0) OR (reverses_id IS NOT NULL AND people < 0)),
	CONSTRAINT ck_fund_service_entry_two_people CHECK (approved_by_id IS NULL OR approved_by_id <> made_by_id),
	CONSTRAINT fk_fund_service_entry_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_fund_service_entry_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_service_entry_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_service_entry_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT fk_fund_service_entry_reverses_id_fund_service_entry FOREIGN KEY(reverses_id) REFERENCES fund_service_entry (id),
	CONSTRAINT uq_fund_service_entry_reverses_id UNIQUE (reverses_id)
);

CREATE INDEX ix_fund_service_entry_activity_id ON fund_service_entry (activity_id);

CREATE INDEX ix_fund_service_entry_project ON fund_service_entry (project_id, served_on);

CREATE INDEX ix_fund_service_entry_reverses ON fund_service_entry (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE TRIGGER fund_service_entry_no_delete BEFORE DELETE ON fund_service_entry BEGIN SELECT RAISE(ABORT, 'fund_service_entry is append-only'); END;

CREATE TRIGGER fund_service_entry_no_update BEFORE UPDATE ON fund_service_entry BEGIN SELECT RAISE(ABORT, 'fund_service_entry is append-only'); END;

CREATE TRIGGER fund_service_order BEFORE INSERT ON fund_service_entry WHEN (
NEW.reverses_id IS NULL OR (
  EXISTS (SELECT 1 FROM fund_service_entry o WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL
    AND o.project_id = NEW.project_id AND o.people = -NEW.people AND o.served_on = NEW.served_on)
  AND EXISTS (SELECT 1 FROM fund_request r WHERE r.service_id = NEW.reverses_id AND r.kind = 'figure' AND r.state = 'approved'
    AND r.requested_by_id = NEW.made_by_id AND r.last_by_id = NEW.approved_by_id))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_service_entry reversed alone'); END;

CREATE TABLE fund_stage_entry (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	stage VARCHAR(32) NOT NULL,
	at DATETIME NOT NULL,
	by_id INTEGER NOT NULL,
	note VARCHAR(400) NOT NULL, for_id INTEGER CONSTRAINT fk_fund_stage_entry_for_id_person REFERENCES person (id) CONSTRAINT ck_fund_stage_entry_deputy CHECK (for_id IS NULL OR (for_id <> by_id AND seq > 1 AND stage NOT IN ('applied', 'final'))),
	CONSTRAINT pk_fund_stage_entry PRIMARY KEY (id),
	CONSTRAINT fk_fund_stage_entry_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_stage_entry_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT uq_fund_stage_entry_project_id_seq UNIQUE (project_id, seq),
	CONSTRAINT ck_fund_stage_entry_fundstage CHECK (stage IN ('draft', 'applied', 'checked', 'scored', 'publicised', 'approved', 'running', 'midterm', 'paused', 'final', 'stopped', 'closed', 'archived', 'declined', 'voided'))
);

CREATE TRIGGER fund_stage_entry_no_delete BEFORE DELETE ON fund_stage_entry BEGIN SELECT RAISE(ABORT, 'fund_stage_entry is append-only'); END;

CREATE TRIGGER fund_stage_entry_no_update BEFORE UPDATE ON fund_stage_entry BEGIN SELECT RAISE(ABORT, 'fund_stage_entry is append-only'); END;

CREATE TRIGGER fund_stage_hands BEFORE INSERT ON fund_stage_entry WHEN (
(NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.by_id AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.at AND date(NEW.at, '+8 hours') BETWEEN d.first_on AND d.last_on AND (d.ended_at IS NULL OR d.ended_at > NEW.at))) AND (NEW.seq = 1 OR NEW.stage IN ('applied', 'final')
OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (p.stage = 'applied' AND NEW.stage = 'draft' AND NEW.for_id IS NULL AND NEW.by_id = (SELECT s.by_id FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1))
  OR (NOT (p.created_by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(p.applicant_id, -1) IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = p.id AND d.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0))) OR EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' AND (s.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(s.for_id, 0) IN (NEW.by_id, coalesce(NEW.for_id, -1)))))
    AND (NEW.stage <> 'approved' OR NOT EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.seq = (SELECT max(t.seq) FROM fund_stage_entry t WHERE t.project_id = NEW.project_id AND t.stage = 'checked') AND (s.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(s.for_id, 0) IN (NEW.by_id, coalesce(NEW.for_id, -1)))))
    AND (NEW.stage <> 'running' OR p.stage <> 'approved' OR NOT EXISTS (
      SELECT 1 FROM fund_contract c WHERE c.project_id = p.id AND c.made_by_id IN (NEW.by_id, coalesce(NEW.for_id, 0))))
    AND (NEW.stage <> 'closed' OR NOT EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.seq = (SELECT max(t.seq) FROM fund_stage_entry t WHERE t.project_id = NEW.project_id AND t.stage = 'final') AND (s.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(s.for_id, 0) IN (NEW.by_id, coalesce(NEW.for_id, -1)))))))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_stage_entry by the wrong person'); END;

CREATE TRIGGER fund_stage_order BEFORE INSERT ON fund_stage_entry WHEN (NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id) AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
(NEW.seq = 1 AND NEW.stage = CASE WHEN p.past_batch_id IS NULL THEN 'draft' ELSE 'archived' END)
OR (NEW.seq > 1 AND (
  (p.stage = 'draft' AND NEW.stage = 'applied')
  OR (p.stage = 'applied' AND NEW.stage IN ('checked', 'draft', 'declined'))
  OR (p.stage = 'checked' AND NEW.stage IN ('draft', 'declined', CASE WHEN p.kind IN ('care', 'micro') THEN 'scored' ELSE 'approved' END))
  OR (p.stage = 'scored' AND NEW.stage IN ('publicised', 'declined'))
  OR (p.stage = 'publicised' AND NEW.stage IN ('approved', 'scored', 'declined'))
  OR (p.stage = 'approved' AND NEW.stage IN ('running', 'declined'))
  OR (p.stage = 'running' AND NEW.stage IN ('paused', 'stopped', CASE WHEN p.kind IN ('care', 'micro') THEN 'midterm' ELSE 'final' END))
  OR (p.stage = 'midterm' AND NEW.stage IN ('final', 'paused', 'stopped'))
  OR (p.stage IN ('paused', 'final') AND NEW.stage = (
    SELECT s.stage FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.seq = NEW.seq - 2))
  OR (p.stage = 'paused' AND NEW.stage = 'stopped')
  OR (p.stage = 'final' AND NEW.stage = 'closed')
  OR (p.stage IN ('stopped', 'closed') AND NEW.stage = 'archived')
  OR (p.stage = 'archived' AND NEW.stage = 'voided' AND p.past_batch_id IS NOT NULL)))
))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_stage_entry out of order'); END;

CREATE TRIGGER fund_stage_ready BEFORE INSERT ON fund_stage_entry WHEN (
NEW.seq = 1 OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id
  AND (NEW.stage <> 'applied' OR p.call_id IS NULL OR EXISTS (SELECT 1 FROM fund_call k WHERE k.id = p.call_id AND k.published_at IS NOT NULL AND k.withdrawn_at IS NULL AND k.kind = p.kind AND date(NEW.at, '+8 hours') BETWEEN k.opens_on AND k.closes_on AND (k.cap IS NULL OR (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = p.id) <= k.cap)))
  AND (p.stage <> 'checked' OR NEW.stage <> 'draft' OR NOT EXISTS (SELECT 1 FROM panel n WHERE n.project_id = p.id))
  AND (p.stage <> 'checked' OR NEW.stage <> 'scored' OR ((SELECT count(*) FROM panel_seat t WHERE t.project_id = p.id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id)) >= 3 AND NOT EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = p.id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e WHERE e.project_id = t.project_id AND e.person_id = t.person_id))))
  AND (p.stage <> 'publicised' OR NEW.stage <> 'scored' OR NOT EXISTS (SELECT 1 FROM publicity u WHERE u.subject_kind = 'project' AND u.subject_id = p.id AND u.withdrawn_at IS NULL))
  AND (NEW.stage <> 'publicised' OR EXISTS (SELECT 1 FROM publicity u WHERE u.subject_kind = 'project' AND u.subject_id = p.id AND u.withdrawn_at IS NULL))
  AND (p.stage <> 'publicised' OR NEW.stage <> 'approved' OR EXISTS (SELECT 1 FROM publicity u WHERE u.subject_kind = 'project' AND u.subject_id = p.id AND u.withdrawn_at IS NULL AND u.concluded_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.publicity_id = u.id AND o.verdict = 'upheld')))
  AND (p.stage <> 'approved' OR NEW.stage <> 'running' OR EXISTS (SELECT 1 FROM fund_contract c WHERE c.project_id = p.id AND c.fen = (SELECT sum(i.fen) FROM fund_instalment i WHERE i.project_id = p.id) AND c.fen <= (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = p.id)))
  AND (NEW.stage NOT IN ('closed', 'archived') OR NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.project_id = p.id AND (r.state = 'requested' OR (r.kind = 'payment' AND r.state NOT IN ('reconciled', 'returned', 'withdrawn', 'corrected')))))
  AND (NEW.stage NOT IN ('closed', 'archived', 'voided') OR NOT EXISTS (SELECT 1 FROM fund_account a WHERE a.project_id = p.id AND a.balance <> 0)))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_stage_entry before its time'); END;

CREATE TRIGGER fund_stage_reasons BEFORE INSERT ON fund_stage_entry WHEN (
NEW.note <> '' OR NEW.seq = 1 OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (p.stage = 'applied' AND NEW.stage = 'draft' AND NEW.by_id = (SELECT s.by_id FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1))
  OR (NEW.stage NOT IN ('draft', 'declined', 'midterm', 'final', 'paused', 'stopped', 'closed', 'voided')
    AND NOT (p.stage = 'publicised' AND NEW.stage = 'scored') AND p.stage NOT IN ('paused', 'final'))))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_stage_entry without a reason'); END;

CREATE TRIGGER fund_stage_state AFTER INSERT ON fund_stage_entry BEGIN UPDATE fund_project SET stage = NEW.stage WHERE id = NEW.project_id; END;

CREATE TABLE fund_step_entry (
	id INTEGER NOT NULL,
	request_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	step VARCHAR(32) NOT NULL,
	at DATETIME NOT NULL,
	happened_on DATE NOT NULL,
	by_id INTEGER NOT NULL,
	reference VARCHAR(60) NOT NULL,
	note VARCHAR(300) NOT NULL, for_id INTEGER CONSTRAINT fk_fund_step_entry_for_id_person REFERENCES person (id) CONSTRAINT ck_fund_step_entry_deputy CHECK (for_id IS NULL OR (for_id <> by_id AND step NOT IN ('requested', 'withdrawn', 'corrected'))),
	CONSTRAINT pk_fund_step_entry PRIMARY KEY (id),
	CONSTRAINT ck_fund_step_entry_reference CHECK (step <> 'paid' OR reference <> ''),
	CONSTRAINT ck_fund_step_entry_note CHECK (step NOT IN ('returned', 'mismatch', 'answered') OR note <> ''),
	CONSTRAINT fk_fund_step_entry_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_fund_step_entry_request_id_fund_request FOREIGN KEY(request_id) REFERENCES fund_request (id),
	CONSTRAINT uq_fund_step_entry_request_id_seq UNIQUE (request_id, seq),
	CONSTRAINT ck_fund_step_entry_fundstep CHECK (step IN ('requested', 'approved', 'seconded', 'paid', 'reconciled', 'mismatch', 'answered', 'returned', 'withdrawn', 'corrected'))
);

CREATE TRIGGER bank_group_corrected AFTER INSERT ON fund_step_entry BEGIN UPDATE bank_group SET ended_at = NEW.at, ended_by_id = NEW.by_id, end_reason = '其中一笔已更正' WHERE NEW.step = 'corrected' AND ended_at IS NULL AND id IN (SELECT x.group_id FROM bank_group_request x WHERE x.request_id = NEW.request_id AND NOT x.ended); END;

CREATE TRIGGER bank_match_corrected AFTER INSERT ON fund_step_entry BEGIN UPDATE bank_match SET ended_at = NEW.at, ended_by_id = NEW.by_id, end_reason = '这一笔已更正' WHERE NEW.step = 'corrected' AND request_id = NEW.request_id AND ended_at IS NULL; END;

CREATE TRIGGER fund_step_entry_no_delete BEFORE DELETE ON fund_step_entry BEGIN SELECT RAISE(ABORT, 'fund_step_entry is append-only'); END;

CREATE TRIGGER fund_step_entry_no_update BEFORE UPDATE ON fund_step_entry BEGIN SELECT RAISE(ABORT, 'fund_step_entry is append-only'); END;

CREATE TRIGGER fund_step_minute BEFORE INSERT ON fund_step_entry WHEN (
NEW.step NOT IN ('approved', 'seconded', 'paid')
OR NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id AND r.needs_minute)
OR EXISTS (SELECT 1 FROM fund_file f WHERE f.request_id = NEW.request_id AND f.kind = 'minute' AND f.standing <> 'struck')
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a minute has to be attached'); END;

CREATE TRIGGER fund_step_order BEFORE INSERT ON fund_step_entry WHEN (
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id AND (
  (r.state IS NULL AND NEW.step = 'requested' AND NEW.by_id = r.requested_by_id)
  OR (r.state = 'requested' AND NEW.step IN ('approved', 'returned'))
  OR (r.state = 'requested' AND NEW.step = 'withdrawn' AND NEW.by_id = r.requested_by_id)
  OR (r.kind = 'payment' AND r.state = 'approved' AND r.needs_second AND NEW.step IN ('seconded', 'returned'))
  OR (r.kind = 'payment' AND ((r.state = 'approved' AND NOT r.needs_second) OR r.state = 'seconded') AND NEW.step IN ('paid', 'returned'))
  OR (r.kind = 'payment' AND r.state IN ('paid', 'answered') AND NEW.step IN ('reconciled', 'mismatch'))
  OR (r.kind = 'payment' AND r.state = 'mismatch' AND NEW.step = 'answered')
  OR (r.kind = 'payment' AND r.state IN ('paid', 'mismatch', 'answered', 'reconciled') AND NEW.step = 'corrected')
  OR (r.kind IN ('opening', 'donation', 'grant', 'refund', 'return', 'transfer', 'past_spending') AND r.state = 'approved' AND NEW.step = 'corrected'))
  AND (NEW.step NOT IN ('approved', 'seconded') OR r.requested_by_id <> NEW.by_id)
  AND (NEW.step <> 'returned' OR r.state = 'seconded' OR (r.state = 'approved' AND NOT r.needs_second)
    OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'requested' AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id)))))
AND (NEW.step IN ('withdrawn', 'corrected') OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.seq = NEW.seq - 1 AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))))
AND (NEW.step NOT IN ('approved', 'seconded') OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'requested' AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))))
AND (NEW.step <> 'seconded' OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'approved' AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))))
AND (NEW.step NOT IN ('reconciled', 'mismatch') OR NOT EXISTS (SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'paid' AND (NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))))
AND (NEW.step <> 'corrected' OR EXISTS (
  SELECT 1 FROM fund_request c WHERE c.corrects_id = NEW.request_id AND c.kind = 'correction' AND c.state = 'approved'))
AND (NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.by_id
  AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.at AND date(NEW.at, '+8 hours') BETWEEN d.first_on AND d.last_on
  AND (d.ended_at IS NULL OR d.ended_at > NEW.at)))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'fund_step_entry out of order'); END;

CREATE TRIGGER fund_step_state AFTER INSERT ON fund_step_entry BEGIN UPDATE fund_request SET state = NEW.step, steps = NEW.seq, last_by_id = NEW.by_id WHERE id = NEW.request_id; END;

CREATE TABLE gate (
	id INTEGER NOT NULL,
	activity_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	name VARCHAR(20) NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	closed_at DATETIME,
	CONSTRAINT pk_gate PRIMARY KEY (id),
	CONSTRAINT ck_gate_number CHECK (number BETWEEN 1 AND 99),
	CONSTRAINT fk_gate_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_gate_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT uq_gate UNIQUE (activity_id, number)
);

CREATE TABLE guardian_consent (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	guardian_name VARCHAR(40) NOT NULL,
	guardian_phone VARCHAR(20) NOT NULL,
	relation VARCHAR(32) NOT NULL,
	given_how VARCHAR(32) NOT NULL,
	recorded_by_id INTEGER NOT NULL,
	given_at DATETIME NOT NULL,
	withdrawn_at DATETIME,
	withdrawn_by_id INTEGER,
	CONSTRAINT pk_guardian_consent PRIMARY KEY (id),
	CONSTRAINT fk_guardian_consent_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_guardian_consent_recorded_by_id_person FOREIGN KEY(recorded_by_id) REFERENCES person (id),
	CONSTRAINT fk_guardian_consent_withdrawn_by_id_person FOREIGN KEY(withdrawn_by_id) REFERENCES person (id),
	CONSTRAINT ck_guardian_consent_relation CHECK (relation IN ('mother', 'father', 'grandparent', 'other')),
	CONSTRAINT ck_guardian_consent_givenhow CHECK (given_how IN ('in_person', 'on_paper', 'by_account'))
);

CREATE INDEX ix_guardian_consent_person_id ON guardian_consent (person_id);

CREATE UNIQUE INDEX uq_guardian_consent_given ON guardian_consent (person_id) WHERE withdrawn_at IS NULL;

CREATE TRIGGER guardian_consent_of_who_is_erased BEFORE INSERT ON guardian_consent WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TABLE helper (
	id INTEGER NOT NULL,
	shift_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	CONSTRAINT pk_helper PRIMARY KEY (id),
	CONSTRAINT fk_helper_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_helper_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_helper_shift_id_shift FOREIGN KEY(shift_id) REFERENCES shift (id)
);

CREATE INDEX ix_helper_person_id ON helper (person_id);

CREATE UNIQUE INDEX uq_helper ON helper (shift_id, person_id);

CREATE TABLE honour (
	id INTEGER NOT NULL,
	kind_id INTEGER NOT NULL,
	title VARCHAR(40) NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	reason VARCHAR(300) NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	ended_at DATETIME,
	granted_on DATE,
	revoked_on DATE,
	CONSTRAINT pk_honour PRIMARY KEY (id),
	CONSTRAINT ck_honour_reason CHECK (reason <> ''),
	CONSTRAINT ck_honour_answer CHECK (verdict <> 'refused' OR answer <> ''),
	CONSTRAINT ck_honour_decided CHECK ((decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)),
	CONSTRAINT ck_honour_not_ones_own CHECK (made_by_id <> person_id),
	CONSTRAINT ck_honour_two_people CHECK (decided_by_id IS NULL OR (decided_by_id <> person_id AND (decided_by_id = made_by_id) = (verdict = 'withdrawn'))),
	CONSTRAINT fk_honour_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_honour_kind_id_honour_kind FOREIGN KEY(kind_id) REFERENCES honour_kind (id),
	CONSTRAINT fk_honour_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT ck_honour_granted_after_approval CHECK (granted_on IS NULL OR (verdict = 'approved' AND ended_at IS NOT NULL)),
	CONSTRAINT ck_honour_ended CHECK (verdict IS NULL OR verdict = 'approved' OR ended_at IS NOT NULL),
	CONSTRAINT ck_honour_revoked CHECK (revoked_on IS NULL OR revoked_on >= granted_on),
	CONSTRAINT fk_honour_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_honour_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_honour_verdict CHECK (verdict IN ('approved', 'refused', 'withdrawn'))
);

CREATE INDEX ix_honour_granted ON honour (granted_on) WHERE granted_on IS NOT NULL AND revoked_on IS NULL;

CREATE INDEX ix_honour_person ON honour (person_id);

CREATE INDEX ix_honour_unit ON honour (unit_id, ended_at);

CREATE UNIQUE INDEX uq_honour_open ON honour (kind_id, person_id) WHERE ended_at IS NULL;

CREATE TRIGGER honour_guard_1 BEFORE UPDATE ON honour WHEN (OLD.ended_at IS NOT NULL AND (NEW.ended_at IS NOT OLD.ended_at OR NEW.granted_on IS NOT OLD.granted_on)) OR NEW.person_id <> OLD.person_id OR NEW.kind_id <> OLD.kind_id OR NEW.made_by_id <> OLD.made_by_id OR (OLD.verdict IS NOT NULL AND (NEW.verdict IS NOT OLD.verdict OR NEW.decided_by_id IS NOT OLD.decided_by_id)) BEGIN SELECT RAISE(ABORT, 'an honour is decided once'); END;

CREATE TRIGGER honour_guard_2 BEFORE UPDATE ON honour WHEN NEW.revoked_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM honour_revocation WHERE honour_revocation.honour_id = NEW.id AND honour_revocation.verdict = 'approved') BEGIN SELECT RAISE(ABORT, 'an honour is taken back by two people'); END;

CREATE TRIGGER honour_no_delete BEFORE DELETE ON honour BEGIN SELECT RAISE(ABORT, 'it stays on record'); END;

CREATE TABLE honour_consent (
	id INTEGER NOT NULL,
	honour_id INTEGER NOT NULL,
	given_at DATETIME NOT NULL,
	withdrawn_at DATETIME,
	CONSTRAINT pk_honour_consent PRIMARY KEY (id),
	CONSTRAINT fk_honour_consent_honour_id_honour FOREIGN KEY(honour_id) REFERENCES honour (id)
);

CREATE UNIQUE INDEX uq_honour_consent ON honour_consent (honour_id) WHERE withdrawn_at IS NULL;

CREATE TABLE honour_kind (
	id INTEGER NOT NULL,
	name VARCHAR(30) NOT NULL,
	words VARCHAR(200) NOT NULL,
	giver VARCHAR(32) NOT NULL,
	reach VARCHAR(32) NOT NULL,
	scheme_kind VARCHAR(32),
	rule_code VARCHAR(30),
	retired_on DATE,
	CONSTRAINT pk_honour_kind PRIMARY KEY (id),
	CONSTRAINT ck_honour_kind_name CHECK (name <> ''),
	CONSTRAINT ck_honour_kind_rule CHECK ((rule_code IS NULL) = (scheme_kind IS NULL)),
	CONSTRAINT uq_honour_kind_name UNIQUE (name),
	CONSTRAINT ck_honour_kind_giver CHECK (giver IN ('branch', 'subdistrict')),
	CONSTRAINT ck_honour_kind_reach CHECK (reach IN ('branch', 'public')),
	CONSTRAINT ck_honour_kind_schemekind CHECK (scheme_kind IN ('volunteer', 'member'))
);

CREATE TRIGGER honour_kind_reach_on_insert BEFORE INSERT ON honour_kind WHEN (NOT (NEW.reach = 'public' AND (coalesce(NEW.scheme_kind, '') = 'member' OR NEW.name LIKE '%党%'))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'an honour of the party is never public'); END;

CREATE TRIGGER honour_kind_reach_on_update BEFORE UPDATE ON honour_kind WHEN (NOT (NEW.reach = 'public' AND (coalesce(NEW.scheme_kind, '') = 'member' OR NEW.name LIKE '%党%')) AND NOT (NEW.reach = 'public' AND OLD.reach = 'branch' AND EXISTS (SELECT 1 FROM honour WHERE honour.kind_id = NEW.id AND honour.granted_on IS NOT NULL))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'an honour of the party is never public'); END;

CREATE TABLE honour_revocation (
	id INTEGER NOT NULL,
	honour_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	reason VARCHAR(300) NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_honour_revocation PRIMARY KEY (id),
	CONSTRAINT ck_honour_revocation_reason CHECK (reason <> ''),
	CONSTRAINT ck_honour_revocation_answer CHECK (verdict <> 'refused' OR answer <> ''),
	CONSTRAINT ck_honour_revocation_decided CHECK ((decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)),
	CONSTRAINT ck_honour_revocation_not_ones_own CHECK (made_by_id <> person_id),
	CONSTRAINT ck_honour_revocation_two_people CHECK (decided_by_id IS NULL OR (decided_by_id <> person_id AND (decided_by_id = made_by_id) = (verdict = 'withdrawn'))),
	CONSTRAINT fk_honour_revocation_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_honour_revocation_honour_id_honour FOREIGN KEY(honour_id) REFERENCES honour (id),
	CONSTRAINT fk_honour_revocation_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_honour_revocation_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT ck_honour_revocation_verdict CHECK (verdict IN ('approved', 'refused', 'withdrawn'))
);

CREATE UNIQUE INDEX uq_honour_revocation_open ON honour_revocation (honour_id) WHERE decided_at IS NULL;

CREATE TRIGGER honour_revocation_guard_3 BEFORE UPDATE OF id, honour_id, person_id, made_by_id, made_at, decided_at, decided_by_id, verdict ON honour_revocation WHEN OLD.decided_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a revocation is decided once'); END;

CREATE TRIGGER honour_revocation_no_delete BEFORE DELETE ON honour_revocation BEGIN SELECT RAISE(ABORT, 'it stays on record'); END;

CREATE TRIGGER honour_revocation_words BEFORE UPDATE OF reason, answer ON honour_revocation WHEN (OLD.decided_at IS NULL OR (EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a revocation is decided once'); END;

CREATE TABLE hour_correction (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	attendance_id INTEGER,
	entry_id INTEGER,
	dispute_id INTEGER,
	change VARCHAR(32) NOT NULL,
	in_at DATETIME,
	out_at DATETIME,
	minutes INTEGER NOT NULL,
	was_in_at DATETIME,
	was_out_at DATETIME,
	was_minutes INTEGER NOT NULL,
	was_class VARCHAR(32),
	reason VARCHAR(200) NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_hour_correction PRIMARY KEY (id),
	CONSTRAINT ck_hour_correction_of_something CHECK (attendance_id IS NOT NULL OR entry_id IS NOT NULL),
	CONSTRAINT ck_hour_correction_times CHECK ((change = 'times') = (in_at IS NOT NULL) AND (in_at IS NULL) = (out_at IS NULL) AND (out_at IS NULL OR out_at > in_at)),
	CONSTRAINT ck_hour_correction_sums CHECK (minutes >= 0 AND was_minutes >= 0 AND (change = 'void') = (minutes = 0)),
	CONSTRAINT ck_hour_correction_reason CHECK (reason <> ''),
	CONSTRAINT ck_hour_correction_answer CHECK (verdict <> 'refused' OR answer <> ''),
	CONSTRAINT ck_hour_correction_decided CHECK ((decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)),
	CONSTRAINT ck_hour_correction_not_ones_own CHECK (made_by_id <> person_id),
	CONSTRAINT ck_hour_correction_two_people CHECK (decided_by_id IS NULL OR (decided_by_id <> person_id AND (decided_by_id = made_by_id) = (verdict = 'withdrawn'))),
	CONSTRAINT fk_hour_correction_attendance_id_attendance FOREIGN KEY(attendance_id) REFERENCES attendance (id),
	CONSTRAINT fk_hour_correction_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_hour_correction_dispute_id_dispute FOREIGN KEY(dispute_id) REFERENCES dispute (id),
	CONSTRAINT fk_hour_correction_entry_id_hour_entry FOREIGN KEY(entry_id) REFERENCES hour_entry (id),
	CONSTRAINT fk_hour_correction_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_hour_correction_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_hour_correction_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_hour_correction_change CHECK (change IN ('times', 'hour_class', 'minutes', 'void')),
	CONSTRAINT ck_hour_correction_hourclass CHECK (was_class IN ('credit', 'honour')),
	CONSTRAINT ck_hour_correction_correctionverdict CHECK (verdict IN ('approved', 'refused', 'withdrawn'))
);

CREATE INDEX ix_hour_correction_person ON hour_correction (person_id, decided_at);

CREATE INDEX ix_hour_correction_unit ON hour_correction (unit_id) WHERE decided_at IS NULL;

CREATE UNIQUE INDEX uq_hour_correction_attendance ON hour_correction (attendance_id) WHERE decided_at IS NULL AND attendance_id IS NOT NULL;

CREATE UNIQUE INDEX uq_hour_correction_dispute ON hour_correction (dispute_id) WHERE decided_at IS NULL AND dispute_id IS NOT NULL;

CREATE UNIQUE INDEX uq_hour_correction_entry ON hour_correction (entry_id) WHERE decided_at IS NULL AND entry_id IS NOT NULL;

CREATE TRIGGER hour_correction_final BEFORE UPDATE OF id, person_id, unit_id, attendance_id, entry_id, dispute_id, change, in_at, out_at, minutes, was_in_at, was_out_at, was_minutes, was_class, made_by_id, made_at, decided_at, decided_by_id, verdict ON hour_correction WHEN OLD.decided_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a correction is decided once'); END;

CREATE TRIGGER hour_correction_no_delete BEFORE DELETE ON hour_correction BEGIN SELECT RAISE(ABORT, 'a correction stays on record'); END;

CREATE TRIGGER hour_correction_two_hands BEFORE UPDATE ON hour_correction WHEN NEW.decided_by_id IS NOT NULL AND NEW.verdict = 'approved' AND EXISTS (SELECT 1 FROM hour_correction_aside WHERE hour_correction_aside.correction_id = NEW.id AND hour_correction_aside.person_id = NEW.decided_by_id) BEGIN SELECT RAISE(ABORT, 'who made the record does not approve its correction'); END;

CREATE TRIGGER hour_correction_words BEFORE UPDATE OF reason, answer ON hour_correction WHEN (OLD.decided_at IS NULL OR (EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a correction is decided once'); END;

CREATE TABLE hour_correction_aside (
	correction_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	CONSTRAINT pk_hour_correction_aside PRIMARY KEY (correction_id, person_id),
	CONSTRAINT fk_hour_correction_aside_correction_id_hour_correction FOREIGN KEY(correction_id) REFERENCES hour_correction (id),
	CONSTRAINT fk_hour_correction_aside_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE TABLE hour_entry (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	home_unit_id INTEGER,
	organising_unit_id INTEGER NOT NULL,
	activity_id INTEGER,
	served_on DATE NOT NULL,
	booked_on DATE NOT NULL,
	booked_at DATETIME NOT NULL,
	hour_class VARCHAR(32) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	minutes INTEGER NOT NULL,
	source_kind VARCHAR(32) NOT NULL,
	source_id INTEGER NOT NULL,
	generation INTEGER NOT NULL,
	rule_version VARCHAR(20) NOT NULL,
	reverses_id INTEGER,
	reason VARCHAR(200) NOT NULL,
	batch_id INTEGER,
	made_by_id INTEGER,
	approved_by_id INTEGER, counted_on DATE CONSTRAINT ck_hour_entry_counted_on CHECK (counted_on IS NULL OR (counted_on > served_on AND counted_on <= booked_on)),
	CONSTRAINT pk_hour_entry PRIMARY KEY (id),
	CONSTRAINT ck_hour_entry_reason CHECK (reverses_id IS NULL OR reason <> ''),
	CONSTRAINT ck_hour_entry_sign CHECK ((reverses_id IS NULL AND minutes > 0) OR (reverses_id IS NOT NULL AND minutes < 0)),
	CONSTRAINT ck_hour_entry_two_people CHECK (approved_by_id IS NULL OR approved_by_id <> made_by_id),
	CONSTRAINT fk_hour_entry_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_hour_entry_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id),
	CONSTRAINT fk_hour_entry_home_unit_id_unit FOREIGN KEY(home_unit_id) REFERENCES unit (id),
	CONSTRAINT fk_hour_entry_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_hour_entry_organising_unit_id_unit FOREIGN KEY(organising_unit_id) REFERENCES unit (id),
	CONSTRAINT fk_hour_entry_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_hour_entry_reverses_id_hour_entry FOREIGN KEY(reverses_id) REFERENCES hour_entry (id),
	CONSTRAINT uq_hour_entry_reverses_id UNIQUE (reverses_id),
	CONSTRAINT ck_hour_entry_hourclass CHECK (hour_class IN ('credit', 'honour')),
	CONSTRAINT ck_hour_entry_hourkind CHECK (kind IN ('service', 'study')),
	CONSTRAINT ck_hour_entry_sourcekind CHECK (source_kind IN ('attendance', 'claim', 'import', 'correction'))
);

CREATE INDEX ix_hour_entry_activity ON hour_entry (activity_id) WHERE activity_id IS NOT NULL;

CREATE INDEX ix_hour_entry_approved_by ON hour_entry (approved_by_id) WHERE approved_by_id IS NOT NULL;

CREATE INDEX ix_hour_entry_counted_on ON hour_entry (counted_on) WHERE counted_on IS NOT NULL;

CREATE INDEX ix_hour_entry_home_unit ON hour_entry (home_unit_id, served_on);

CREATE INDEX ix_hour_entry_made_by ON hour_entry (made_by_id) WHERE made_by_id IS NOT NULL;

CREATE INDEX ix_hour_entry_organised ON hour_entry (organising_unit_id, served_on, kind, hour_class, minutes, counted_on);

CREATE INDEX ix_hour_entry_person ON hour_entry (person_id, served_on);

CREATE INDEX ix_hour_entry_reverses ON hour_entry (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE INDEX ix_hour_entry_served_on ON hour_entry (served_on);

CREATE UNIQUE INDEX uq_hour_entry_source ON hour_entry (source_kind, source_id, generation) WHERE reverses_id IS NULL;

CREATE TRIGGER hour_entry_no_delete BEFORE DELETE ON hour_entry BEGIN SELECT RAISE(ABORT, 'hour_entry is append-only'); END;

CREATE TRIGGER hour_entry_no_update BEFORE UPDATE ON hour_entry BEGIN SELECT RAISE(ABORT, 'hour_entry is append-only'); END;

CREATE TRIGGER hour_entry_of_who_went BEFORE INSERT ON hour_entry WHEN (NEW.reverses_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.became_id IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this record was merged'); END;

CREATE TABLE hour_person_total (
	person_id INTEGER NOT NULL,
	period VARCHAR(10) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	hour_class VARCHAR(32) NOT NULL,
	minutes INTEGER NOT NULL,
	entries INTEGER NOT NULL,
	CONSTRAINT pk_hour_person_total PRIMARY KEY (person_id, period, kind, hour_class),
	CONSTRAINT fk_hour_person_total_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT ck_hour_person_total_hourkind CHECK (kind IN ('service', 'study')),
	CONSTRAINT ck_hour_person_total_hourclass CHECK (hour_class IN ('credit', 'honour'))
);

CREATE INDEX ix_hour_person_total_rank ON hour_person_total (period, kind, hour_class, minutes);

CREATE TABLE hour_unit_total (
	unit_id INTEGER NOT NULL,
	period VARCHAR(10) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	hour_class VARCHAR(32) NOT NULL,
	minutes INTEGER NOT NULL,
	entries INTEGER NOT NULL,
	CONSTRAINT pk_hour_unit_total PRIMARY KEY (unit_id, period, kind, hour_class),
	CONSTRAINT fk_hour_unit_total_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_hour_unit_total_hourkind CHECK (kind IN ('service', 'study')),
	CONSTRAINT ck_hour_unit_total_hourclass CHECK (hour_class IN ('credit', 'honour'))
);

CREATE INDEX ix_hour_unit_total_period ON hour_unit_total (period, kind, hour_class, unit_id);

CREATE TABLE household_contact (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	place_id INTEGER NOT NULL,
	household VARCHAR(40) NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	made_by_id INTEGER,
	made_at DATETIME NOT NULL,
	CONSTRAINT pk_household_contact PRIMARY KEY (id),
	CONSTRAINT ck_household_contact_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_household_contact_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_household_contact_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_household_contact_place_id_place FOREIGN KEY(place_id) REFERENCES place (id)
);

CREATE INDEX ix_household_contact_person_id ON household_contact (person_id);

CREATE INDEX ix_household_contact_place_id ON household_contact (place_id);

CREATE UNIQUE INDEX uq_household_contact_open ON household_contact (person_id, place_id, household) WHERE valid_to IS NULL;

CREATE TABLE import_batch (
	id INTEGER NOT NULL,
	unit_id INTEGER,
	file_name VARCHAR(120) NOT NULL,
	made_by_id INTEGER,
	made_at DATETIME NOT NULL,
	staged_at DATETIME,
	titles JSON NOT NULL,
	notes JSON NOT NULL,
	fresh INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	unchanged INTEGER NOT NULL,
	blank INTEGER NOT NULL,
	refused INTEGER NOT NULL,
	warned INTEGER NOT NULL,
	date_moves INTEGER NOT NULL,
	move_dates BOOLEAN NOT NULL,
	running INTEGER,
	beat_at DATETIME,
	started_at DATETIME,
	applied_at DATETIME,
	undone_at DATETIME,
	undone_by_id INTEGER,
	cleared_at DATETIME,
	last_person_id INTEGER, cards INTEGER DEFAULT '0' NOT NULL, questions INTEGER DEFAULT '0' NOT NULL, take_cards BOOLEAN DEFAULT 0 NOT NULL, unknown JSON DEFAULT '[]' NOT NULL, shares INTEGER DEFAULT '0' NOT NULL, waiting INTEGER DEFAULT '0' NOT NULL,
	CONSTRAINT pk_import_batch PRIMARY KEY (id),
	CONSTRAINT ck_import_batch_started CHECK (applied_at IS NULL OR started_at IS NOT NULL),
	CONSTRAINT ck_import_batch_running CHECK (running IS NULL OR running = 1),
	CONSTRAINT ck_import_batch_applied CHECK (undone_at IS NULL OR applied_at IS NOT NULL),
	CONSTRAINT fk_import_batch_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_import_batch_undone_by_id_person FOREIGN KEY(undone_by_id) REFERENCES person (id),
	CONSTRAINT fk_import_batch_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_import_batch_running UNIQUE (running)
);

CREATE INDEX ix_import_batch_unit ON import_batch (unit_id, made_at);

CREATE TABLE import_change (
	id INTEGER NOT NULL,
	batch_id INTEGER NOT NULL,
	"row" INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	field VARCHAR(32) NOT NULL,
	before_text VARCHAR(200) NOT NULL,
	after_text VARCHAR(200) NOT NULL,
	before_on DATE,
	after_on DATE,
	target_id INTEGER,
	unit_key INTEGER,
	CONSTRAINT pk_import_change PRIMARY KEY (id),
	CONSTRAINT fk_import_change_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id),
	CONSTRAINT ck_import_change_changefield CHECK (field IN ('gender', 'birth', 'note', 'home', 'reported', 'stage', 'stage_date', 'phone'))
);

CREATE INDEX ix_import_change_batch ON import_change (batch_id, field, "row");

CREATE INDEX ix_import_change_person ON import_change (person_id);

CREATE TABLE import_ending (
	id INTEGER NOT NULL,
	batch_id INTEGER NOT NULL,
	"row" INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	holding VARCHAR(20) NOT NULL,
	held_id INTEGER NOT NULL,
	words VARCHAR(200) NOT NULL,
	until DATE,
	CONSTRAINT pk_import_ending PRIMARY KEY (id),
	CONSTRAINT fk_import_ending_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id),
	CONSTRAINT uq_import_ending_batch_id_holding_held_id UNIQUE (batch_id, holding, held_id)
);

CREATE INDEX ix_import_ending_batch ON import_ending (batch_id, "row");

CREATE TABLE import_heading (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	word VARCHAR(60) NOT NULL,
	means VARCHAR(32),
	made_by_id INTEGER,
	made_at DATETIME NOT NULL,
	CONSTRAINT pk_import_heading PRIMARY KEY (id),
	CONSTRAINT fk_import_heading_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_import_heading_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_import_heading_unit_id_word UNIQUE (unit_id, word),
	CONSTRAINT ck_import_heading_rostercolumn CHECK (means IN ('name', 'gender', 'birth', 'phone', 'community', 'branch', 'stage', 'stage_on', 'joined', 'reported', 'note', 'id_number'))
);

CREATE INDEX ix_import_heading_made_by_id ON import_heading (made_by_id);

CREATE TABLE import_question (
	batch_id INTEGER NOT NULL,
	"row" INTEGER NOT NULL,
	answer VARCHAR(32),
	decided_by_id INTEGER,
	decided_at DATETIME, with_row INTEGER, person_id INTEGER,
	CONSTRAINT pk_import_question PRIMARY KEY (batch_id, "row"),
	CONSTRAINT ck_import_question_decided CHECK (answer IS NULL OR decided_at IS NOT NULL),
	CONSTRAINT fk_import_question_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id),
	CONSTRAINT fk_import_question_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT ck_import_question_answer CHECK (answer IN ('same', 'other'))
);

CREATE INDEX ix_import_question_decided_by_id ON import_question (decided_by_id);

CREATE TABLE import_remark (
	id INTEGER NOT NULL,
	batch_id INTEGER NOT NULL,
	"row" INTEGER NOT NULL,
	refuses BOOLEAN NOT NULL,
	name VARCHAR(60) NOT NULL,
	column_title VARCHAR(60) NOT NULL,
	value VARCHAR(120) NOT NULL,
	reason VARCHAR(200) NOT NULL,
	raw JSON,
	CONSTRAINT pk_import_remark PRIMARY KEY (id),
	CONSTRAINT fk_import_remark_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id)
);

CREATE INDEX ix_import_remark_batch ON import_remark (batch_id, refuses, "row");

CREATE TABLE import_row (
	batch_id INTEGER NOT NULL,
	"row" INTEGER NOT NULL,
	verdict VARCHAR(32) NOT NULL,
	person_id INTEGER,
	name VARCHAR(40) NOT NULL,
	phone VARCHAR(20) NOT NULL,
	gender VARCHAR(32),
	birth_date DATE,
	stage VARCHAR(32),
	stage_on DATE,
	note VARCHAR(200) NOT NULL,
	home_key INTEGER,
	reported_key INTEGER,
	written_at DATETIME, initials VARCHAR(40) DEFAULT '' NOT NULL, asks VARCHAR(32) CONSTRAINT ck_import_row_ask CHECK (asks IN ('card', 'phone', 'share')),
	CONSTRAINT pk_import_row PRIMARY KEY (batch_id, "row"),
	CONSTRAINT fk_import_row_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id),
	CONSTRAINT fk_import_row_home FOREIGN KEY(batch_id, home_key) REFERENCES import_unit (batch_id, "key"),
	CONSTRAINT fk_import_row_reported FOREIGN KEY(batch_id, reported_key) REFERENCES import_unit (batch_id, "key"),
	CONSTRAINT ck_import_row_verdict CHECK (verdict IN ('new', 'changed', 'unchanged', 'refused')),
	CONSTRAINT ck_import_row_gender CHECK (gender IN ('male', 'female')),
	CONSTRAINT ck_import_row_stagekind CHECK (stage IN ('masses', 'applicant', 'activist', 'candidate', 'probationary', 'member'))
);

CREATE INDEX ix_import_row_person ON import_row (person_id);

CREATE INDEX ix_import_row_verdict ON import_row (batch_id, verdict, "row");

CREATE TABLE import_unit (
	batch_id INTEGER NOT NULL,
	"key" INTEGER NOT NULL,
	name VARCHAR(80) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	parent_key INTEGER,
	is_new BOOLEAN NOT NULL,
	people INTEGER NOT NULL,
	unit_id INTEGER, likes VARCHAR(80) DEFAULT '' NOT NULL,
	CONSTRAINT pk_import_unit PRIMARY KEY (batch_id, "key"),
	CONSTRAINT fk_import_unit_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id),
	CONSTRAINT ck_import_unit_unitkind CHECK (kind IN ('subdistrict', 'community', 'general_branch', 'branch', 'group', 'team', 'neighbours', 'self_governance', 'society', 'owners_committee'))
);

CREATE TABLE job_run (
	id INTEGER NOT NULL,
	name VARCHAR(40) NOT NULL,
	host VARCHAR(80) NOT NULL,
	started_at DATETIME NOT NULL,
	ended_at DATETIME,
	outcome VARCHAR(32),
	said VARCHAR(400) NOT NULL,
	CONSTRAINT pk_job_run PRIMARY KEY (id),
	CONSTRAINT ck_job_run_outcome CHECK (outcome IN ('done', 'failed', 'lost')),
	CONSTRAINT ck_job_run_ended CHECK ((ended_at IS NULL) = (outcome IS NULL)),
	CONSTRAINT ck_job_run_name CHECK (name <> '')
);

CREATE INDEX ix_job_run_name ON job_run (name, started_at);

CREATE UNIQUE INDEX uq_job_run_running ON job_run (name) WHERE ended_at IS NULL;

CREATE TABLE limit_use (
	name VARCHAR(40) NOT NULL,
	who VARCHAR(64) NOT NULL,
	used INTEGER NOT NULL,
	until DATETIME NOT NULL,
	CONSTRAINT pk_limit_use PRIMARY KEY (name, who),
	CONSTRAINT ck_limit_use_used CHECK (used > 0)
);

CREATE INDEX ix_limit_use_until ON limit_use (until);

CREATE TABLE member_card (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	issued_at DATETIME NOT NULL,
	issued_by_id INTEGER NOT NULL,
	revoked_at DATETIME,
	revoked_by_id INTEGER,
	CONSTRAINT pk_member_card PRIMARY KEY (id),
	CONSTRAINT ck_member_card_number CHECK (number > 0),
	CONSTRAINT ck_member_card_revoked CHECK ((revoked_at IS NULL) = (revoked_by_id IS NULL)),
	CONSTRAINT ck_member_card_dated CHECK (revoked_at IS NULL OR revoked_at >= issued_at),
	CONSTRAINT fk_member_card_issued_by_id_person FOREIGN KEY(issued_by_id) REFERENCES person (id),
	CONSTRAINT fk_member_card_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_member_card_revoked_by_id_person FOREIGN KEY(revoked_by_id) REFERENCES person (id),
	CONSTRAINT uq_member_card_person_id_number UNIQUE (person_id, number)
);

CREATE UNIQUE INDEX uq_member_card_valid ON member_card (person_id) WHERE revoked_at IS NULL;

CREATE TRIGGER member_card_of_who_is_erased BEFORE INSERT ON member_card WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TABLE membership (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	CONSTRAINT pk_membership PRIMARY KEY (id),
	CONSTRAINT ck_membership_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_membership_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_membership_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_membership_membershipkind CHECK (kind IN ('home', 'reported', 'team', 'neighbours', 'resident'))
);

CREATE INDEX ix_membership_person ON membership (person_id);

CREATE INDEX ix_membership_unit ON membership (unit_id, kind, valid_to);

CREATE UNIQUE INDEX uq_membership_home ON membership (person_id) WHERE valid_to IS NULL AND kind = 'home';

CREATE UNIQUE INDEX uq_membership_open ON membership (person_id, unit_id, kind) WHERE valid_to IS NULL;

CREATE UNIQUE INDEX uq_membership_reported ON membership (person_id) WHERE valid_to IS NULL AND kind = 'reported';

CREATE TRIGGER membership_of_who_is_erased BEFORE INSERT ON membership WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TRIGGER membership_open_unit_changed AFTER UPDATE OF unit_id, valid_to ON membership WHEN NEW.valid_to IS NULL BEGIN
SELECT RAISE(ABORT, 'unit is closed') WHERE EXISTS (SELECT 1 FROM unit WHERE id = NEW.unit_id AND closed_on IS NOT NULL);
END;

CREATE TRIGGER membership_open_unit_new AFTER INSERT ON membership WHEN NEW.valid_to IS NULL BEGIN
SELECT RAISE(ABORT, 'unit is closed') WHERE EXISTS (SELECT 1 FROM unit WHERE id = NEW.unit_id AND closed_on IS NOT NULL);
END;

CREATE TABLE merge (
	id INTEGER NOT NULL,
	stays_id INTEGER NOT NULL,
	goes_id INTEGER NOT NULL,
	reason VARCHAR(200) NOT NULL,
	seen VARCHAR(64) NOT NULL,
	proposed_by_id INTEGER NOT NULL,
	proposed_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	merged_at DATETIME,
	undo_at DATETIME,
	undo_by_id INTEGER,
	undo_reason VARCHAR(200) DEFAULT '' NOT NULL,
	undone_at DATETIME,
	CONSTRAINT pk_merge PRIMARY KEY (id),
	CONSTRAINT ck_merge_two_records CHECK (stays_id <> goes_id),
	CONSTRAINT ck_merge_not_oneself CHECK (proposed_by_id NOT IN (stays_id, goes_id)),
	CONSTRAINT ck_merge_reason CHECK (reason <> ''),
	CONSTRAINT ck_merge_decided CHECK ((decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)),
	CONSTRAINT ck_merge_two_people CHECK (decided_by_id IS NULL OR ((verdict = 'withdrawn') = (decided_by_id = proposed_by_id) AND decided_by_id NOT IN (stays_id, goes_id))),
	CONSTRAINT ck_merge_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT ck_merge_merged CHECK (merged_at IS NULL OR verdict = 'approved'),
	CONSTRAINT ck_merge_undo CHECK ((undo_at IS NULL) = (undo_by_id IS NULL) AND (undo_at IS NULL OR (merged_at IS NOT NULL AND undo_reason <> ''))),
	CONSTRAINT ck_merge_undone_by_another CHECK (undo_by_id IS NULL OR undo_by_id NOT IN (stays_id, goes_id)),
	CONSTRAINT ck_merge_undone CHECK (undone_at IS NULL OR undo_at IS NOT NULL),
	CONSTRAINT ck_merge_mergeverdict CHECK (verdict IN ('approved', 'returned', 'withdrawn')),
	CONSTRAINT fk_merge_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_merge_goes_id_person FOREIGN KEY(goes_id) REFERENCES person (id),
	CONSTRAINT fk_merge_proposed_by_id_person FOREIGN KEY(proposed_by_id) REFERENCES person (id),
	CONSTRAINT fk_merge_stays_id_person FOREIGN KEY(stays_id) REFERENCES person (id),
	CONSTRAINT fk_merge_undo_by_id_person FOREIGN KEY(undo_by_id) REFERENCES person (id)
);

CREATE INDEX ix_merge_stays ON merge (stays_id);

CREATE UNIQUE INDEX uq_merge_goes ON merge (goes_id) WHERE (verdict IS NULL OR verdict = 'approved') AND undone_at IS NULL;

CREATE TRIGGER merge_fixed BEFORE UPDATE OF stays_id, goes_id, seen, proposed_by_id, proposed_at ON merge WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a merge does not change'); END;

CREATE TRIGGER merge_kept BEFORE DELETE ON merge WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a merge is kept'); END;

CREATE TRIGGER merge_moved BEFORE UPDATE OF merged_at ON merge WHEN (OLD.merged_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a merge is done once'); END;

CREATE TRIGGER merge_of_who_is_erased BEFORE UPDATE OF undo_at ON merge WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.stays_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TRIGGER merge_once BEFORE UPDATE OF verdict, decided_at, decided_by_id ON merge WHEN (OLD.verdict IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a merge is decided once'); END;

CREATE TRIGGER merge_undo BEFORE UPDATE OF undo_at, undo_by_id ON merge WHEN (OLD.undo_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a merge is undone once'); END;

CREATE TRIGGER merge_undone BEFORE UPDATE OF undone_at ON merge WHEN (OLD.undone_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a merge is undone once'); END;

CREATE TRIGGER merge_words BEFORE UPDATE OF reason, answer, undo_reason ON merge WHEN (((EXISTS (SELECT 1 FROM person WHERE person.id = OLD.stays_id AND person.erased_at IS NOT NULL) OR EXISTS (SELECT 1 FROM person WHERE person.id = OLD.goes_id AND person.erased_at IS NOT NULL)) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')) AND (NEW.undo_reason = OLD.undo_reason OR NEW.undo_reason IN ('', '已按本人要求删除'))) OR (NEW.reason = OLD.reason AND (OLD.verdict IS NULL OR NEW.answer = OLD.answer) AND (OLD.undo_at IS NULL OR NEW.undo_reason = OLD.undo_reason))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what was said about a merge stays'); END;

CREATE TABLE merge_note_entry (
	id INTEGER NOT NULL,
	merge_id INTEGER NOT NULL,
	table_name VARCHAR(40) NOT NULL,
	row_key INTEGER NOT NULL,
	"before" JSON NOT NULL,
	"after" JSON NOT NULL,
	CONSTRAINT pk_merge_note_entry PRIMARY KEY (id),
	CONSTRAINT fk_merge_note_entry_merge_id_merge FOREIGN KEY(merge_id) REFERENCES merge (id)
);

CREATE INDEX ix_merge_note_entry_merge ON merge_note_entry (merge_id);

CREATE TRIGGER merge_note_entry_no_delete BEFORE DELETE ON merge_note_entry BEGIN SELECT RAISE(ABORT, 'merge_note_entry is append-only'); END;

CREATE TRIGGER merge_note_entry_no_update BEFORE UPDATE ON merge_note_entry BEGIN SELECT RAISE(ABORT, 'merge_note_entry is append-only'); END;

CREATE TABLE merge_source_entry (
	id INTEGER NOT NULL,
	merge_id INTEGER NOT NULL,
	source_kind VARCHAR(32) NOT NULL,
	source_id INTEGER NOT NULL,
	uncounted BOOLEAN NOT NULL,
	CONSTRAINT pk_merge_source_entry PRIMARY KEY (id),
	CONSTRAINT ck_merge_source_entry_sourcekind CHECK (source_kind IN ('attendance', 'claim', 'import', 'correction', 'honour', 'manual', 'evened')),
	CONSTRAINT fk_merge_source_entry_merge_id_merge FOREIGN KEY(merge_id) REFERENCES merge (id),
	CONSTRAINT uq_merge_source_entry_merge_id_source_kind_source_id UNIQUE (merge_id, source_kind, source_id)
);

CREATE TRIGGER merge_source_entry_no_delete BEFORE DELETE ON merge_source_entry BEGIN SELECT RAISE(ABORT, 'merge_source_entry is append-only'); END;

CREATE TRIGGER merge_source_entry_no_update BEFORE UPDATE ON merge_source_entry BEGIN SELECT RAISE(ABORT, 'merge_source_entry is append-only'); END;

CREATE TABLE notice (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	text VARCHAR(200) NOT NULL,
	url VARCHAR(200) NOT NULL,
	made_at DATETIME NOT NULL,
	read_at DATETIME, about_id INTEGER CONSTRAINT fk_notice_about_id_person REFERENCES person (id),
	CONSTRAINT pk_notice PRIMARY KEY (id),
	CONSTRAINT fk_notice_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_notice_about ON notice (about_id) WHERE about_id IS NOT NULL;

CREATE INDEX ix_notice_person ON notice (person_id, read_at);

CREATE TABLE objection (
	id INTEGER NOT NULL,
	publicity_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	about_id INTEGER,
	way VARCHAR(32) NOT NULL,
	by_id INTEGER,
	by_name VARCHAR(40) NOT NULL,
	by_phone VARCHAR(20) NOT NULL,
	said VARCHAR(500) NOT NULL,
	received_on DATE NOT NULL,
	received_at DATETIME NOT NULL,
	keyed_by_id INTEGER,
	acknowledged_at DATETIME,
	acknowledged_by_id INTEGER,
	answered_at DATETIME,
	answered_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(500) DEFAULT '' NOT NULL, acknowledge_by DATE, answer_by DATE,
	CONSTRAINT pk_objection PRIMARY KEY (id),
	CONSTRAINT ck_objection_answered CHECK ((answered_at IS NULL) = (answered_by_id IS NULL) AND (answered_at IS NULL) = (verdict IS NULL) AND (answered_at IS NULL OR (answer <> '' AND acknowledged_at IS NOT NULL))),
	CONSTRAINT ck_objection_keyed CHECK ((way = 'online') = (keyed_by_id IS NULL)),
	CONSTRAINT ck_objection_somebody CHECK (by_id IS NOT NULL OR by_name <> ''),
	CONSTRAINT ck_objection_own CHECK (way <> 'online' OR by_id IS NOT NULL),
	CONSTRAINT ck_objection_acknowledged CHECK ((acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)),
	CONSTRAINT ck_objection_another CHECK (answered_by_id IS NULL OR ((by_id IS NULL OR answered_by_id <> by_id) AND (about_id IS NULL OR answered_by_id <> about_id) AND (keyed_by_id IS NULL OR answered_by_id <> keyed_by_id))),
	CONSTRAINT ck_objection_keyed_for_another CHECK (keyed_by_id IS NULL OR by_id IS NULL OR keyed_by_id <> by_id),
	CONSTRAINT fk_objection_about_id_person FOREIGN KEY(about_id) REFERENCES person (id),
	CONSTRAINT fk_objection_acknowledged_by_id_person FOREIGN KEY(acknowledged_by_id) REFERENCES person (id),
	CONSTRAINT fk_objection_answered_by_id_person FOREIGN KEY(answered_by_id) REFERENCES person (id),
	CONSTRAINT fk_objection_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_objection_keyed_by_id_person FOREIGN KEY(keyed_by_id) REFERENCES person (id),
	CONSTRAINT fk_objection_publicity_id_publicity FOREIGN KEY(publicity_id) REFERENCES publicity (id),
	CONSTRAINT fk_objection_publicity_id_publicity_line FOREIGN KEY(publicity_id, about_id) REFERENCES publicity_line (publicity_id, person_id),
	CONSTRAINT fk_objection_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_objection_way CHECK (way IN ('online', 'in_person', 'phone', 'letter')),
	CONSTRAINT ck_objection_verdict CHECK (verdict IN ('upheld', 'rejected'))
);

CREATE INDEX ix_objection_by ON objection (by_id);

CREATE INDEX ix_objection_publicity ON objection (publicity_id, answered_at);

CREATE INDEX ix_objection_waits ON objection (received_at) WHERE answered_at IS NULL;

CREATE TRIGGER objection_due BEFORE INSERT ON objection WHEN (NEW.acknowledge_by IS NOT NULL AND NEW.answer_by >= NEW.acknowledge_by) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'an objection says by when it is answered'); END;

CREATE TRIGGER objection_on_delete BEFORE DELETE ON objection WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'an objection stays'); END;

CREATE TRIGGER objection_on_insert BEFORE INSERT ON objection WHEN NOT EXISTS (SELECT 1 FROM publicity WHERE publicity.id = NEW.publicity_id AND withdrawn_at IS NULL AND concluded_on IS NULL AND NEW.received_on BETWEEN starts_on AND ends_on) BEGIN SELECT RAISE(ABORT, 'objections are made while it is shown'); END;

CREATE TRIGGER objection_on_update BEFORE UPDATE OF id, publicity_id, unit_id, about_id, way, by_id, received_on, received_at, keyed_by_id, acknowledged_at, acknowledged_by_id, answered_at, answered_by_id, verdict, acknowledge_by, answer_by ON objection WHEN OLD.answered_at IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.publicity_id IS NOT OLD.publicity_id OR NEW.unit_id IS NOT OLD.unit_id OR NEW.about_id IS NOT OLD.about_id OR NEW.way IS NOT OLD.way OR NEW.by_id IS NOT OLD.by_id OR NEW.by_name IS NOT OLD.by_name OR NEW.by_phone IS NOT OLD.by_phone OR NEW.said IS NOT OLD.said OR NEW.received_on IS NOT OLD.received_on OR NEW.received_at IS NOT OLD.received_at OR NEW.keyed_by_id IS NOT OLD.keyed_by_id OR NEW.acknowledge_by IS NOT OLD.acknowledge_by OR NEW.answer_by IS NOT OLD.answer_by OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at <> OLD.acknowledged_at) OR (NEW.about_id IS NULL AND NEW.answered_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM publicity_line WHERE publicity_line.publicity_id = NEW.publicity_id AND publicity_line.person_id = NEW.answered_by_id)) OR (NEW.answered_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM publicity_maker WHERE publicity_maker.publicity_id = NEW.publicity_id AND publicity_maker.person_id = NEW.answered_by_id)) BEGIN SELECT RAISE(ABORT, 'an objection is answered once, by somebody whom it does not concern'); END;

CREATE TRIGGER objection_words BEFORE UPDATE OF by_name, by_phone, said, answer ON objection WHEN ((OLD.answered_at IS NULL AND NEW.by_name = OLD.by_name AND NEW.by_phone = OLD.by_phone AND NEW.said = OLD.said) OR ((EXISTS (SELECT 1 FROM person WHERE person.id = OLD.about_id AND person.erased_at IS NOT NULL) OR EXISTS (SELECT 1 FROM person WHERE person.id = OLD.by_id AND person.erased_at IS NOT NULL)) AND (NEW.by_name = OLD.by_name OR NEW.by_name IN ('', '已按本人要求删除')) AND (NEW.by_phone = OLD.by_phone OR NEW.by_phone IN ('', '已按本人要求删除')) AND (NEW.said = OLD.said OR NEW.said IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'an objection stays'); END;

CREATE TABLE offer (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	title VARCHAR(40) NOT NULL,
	words VARCHAR(400) DEFAULT '' NOT NULL,
	seats INTEGER,
	taken INTEGER DEFAULT '0' NOT NULL,
	opens_on DATE NOT NULL,
	last_day DATE,
	closed_on DATE,
	made_by_id INTEGER,
	made_at DATETIME NOT NULL,
	CONSTRAINT pk_offer PRIMARY KEY (id),
	CONSTRAINT ck_offer_seats CHECK (seats > 0),
	CONSTRAINT ck_offer_taken CHECK (taken >= 0 AND (seats IS NULL OR taken <= seats)),
	CONSTRAINT ck_offer_dated CHECK (last_day IS NULL OR last_day >= opens_on),
	CONSTRAINT fk_offer_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_offer_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_offer_offerkind CHECK (kind IN ('post', 'project', 'wish'))
);

CREATE INDEX ix_offer_unit ON offer (unit_id, closed_on);

CREATE TABLE opening_figure_entry (
	id INTEGER NOT NULL,
	figure VARCHAR(32) NOT NULL,
	amount BIGINT,
	as_of DATE NOT NULL,
	source VARCHAR(120) NOT NULL,
	recorded_at DATETIME NOT NULL,
	recorded_by_id INTEGER NOT NULL,
	CONSTRAINT pk_opening_figure_entry PRIMARY KEY (id),
	CONSTRAINT ck_opening_figure_entry_amount CHECK (amount >= 0),
	CONSTRAINT ck_opening_figure_entry_source CHECK (source <> ''),
	CONSTRAINT fk_opening_figure_entry_recorded_by_id_person FOREIGN KEY(recorded_by_id) REFERENCES person (id),
	CONSTRAINT ck_opening_figure_entry_figure CHECK (figure IN ('communities', 'organisations', 'members', 'teams', 'neighbours', 'self_governance', 'societies', 'owners_committees', 'heads', 'stations', 'activities', 'served', 'volunteers', 'scanned', 'named', 'hygiene', 'facilities', 'disputes', 'public_safety', 'hazards', 'parking', 'lifts', 'fund_spent', 'fund_projects', 'fund_people'))
);

CREATE TRIGGER opening_figure_entry_no_delete BEFORE DELETE ON opening_figure_entry BEGIN SELECT RAISE(ABORT, 'opening_figure_entry is append-only'); END;

CREATE TRIGGER opening_figure_entry_no_update BEFORE UPDATE ON opening_figure_entry BEGIN SELECT RAISE(ABORT, 'opening_figure_entry is append-only'); END;

CREATE TABLE opening_word_entry (
	id INTEGER NOT NULL,
	opening_id INTEGER NOT NULL,
	confirmed BOOLEAN NOT NULL,
	said_at DATETIME NOT NULL,
	said_by_id INTEGER NOT NULL,
	CONSTRAINT pk_opening_word_entry PRIMARY KEY (id),
	CONSTRAINT fk_opening_word_entry_opening_id_opening_figure_entry FOREIGN KEY(opening_id) REFERENCES opening_figure_entry (id),
	CONSTRAINT fk_opening_word_entry_said_by_id_person FOREIGN KEY(said_by_id) REFERENCES person (id),
	CONSTRAINT uq_opening_word_entry_opening_id UNIQUE (opening_id)
);

CREATE TRIGGER opening_word_entry_no_delete BEFORE DELETE ON opening_word_entry BEGIN SELECT RAISE(ABORT, 'opening_word_entry is append-only'); END;

CREATE TRIGGER opening_word_entry_no_update BEFORE UPDATE ON opening_word_entry BEGIN SELECT RAISE(ABORT, 'opening_word_entry is append-only'); END;

CREATE TRIGGER opening_word_entry_two_people BEFORE INSERT ON opening_word_entry WHEN NEW.said_by_id IN (SELECT recorded_by_id FROM opening_figure_entry WHERE id = NEW.opening_id) BEGIN SELECT RAISE(ABORT, 'opening_word_entry takes two people'); END;

CREATE TABLE pack_withdrawal (
	id INTEGER NOT NULL,
	pack_id INTEGER NOT NULL,
	withdrawn_at DATETIME NOT NULL,
	withdrawn_by_id INTEGER NOT NULL,
	reason VARCHAR(200) NOT NULL,
	CONSTRAINT pk_pack_withdrawal PRIMARY KEY (id),
	CONSTRAINT ck_pack_withdrawal_reason CHECK (reason <> ''),
	CONSTRAINT fk_pack_withdrawal_pack_id_confirmed_pack FOREIGN KEY(pack_id) REFERENCES confirmed_pack (id),
	CONSTRAINT fk_pack_withdrawal_withdrawn_by_id_person FOREIGN KEY(withdrawn_by_id) REFERENCES person (id),
	CONSTRAINT uq_pack_withdrawal_pack_id UNIQUE (pack_id)
);

CREATE TRIGGER pack_withdrawal_no_delete BEFORE DELETE ON pack_withdrawal BEGIN SELECT RAISE(ABORT, 'pack_withdrawal is append-only'); END;

CREATE TRIGGER pack_withdrawal_no_update BEFORE UPDATE ON pack_withdrawal BEGIN SELECT RAISE(ABORT, 'pack_withdrawal is append-only'); END;

CREATE TRIGGER pack_withdrawal_second_person BEFORE INSERT ON pack_withdrawal WHEN EXISTS (SELECT 1 FROM confirmed_pack p WHERE p.id = NEW.pack_id AND (p.confirmed_by_id = NEW.withdrawn_by_id OR p.person_id = NEW.withdrawn_by_id)) BEGIN SELECT RAISE(ABORT, 'a second person withdraws'); END;

CREATE TABLE panel (
	project_id INTEGER NOT NULL,
	need INTEGER NOT NULL,
	fit INTEGER NOT NULL,
	participation INTEGER NOT NULL,
	feasibility INTEGER NOT NULL,
	novelty INTEGER NOT NULL,
	durability INTEGER NOT NULL,
	budget INTEGER NOT NULL,
	named_at DATETIME NOT NULL,
	named_by_id INTEGER NOT NULL,
	CONSTRAINT pk_panel PRIMARY KEY (project_id),
	CONSTRAINT ck_panel_weights CHECK (need >= 0 AND fit >= 0 AND participation >= 0 AND feasibility >= 0 AND novelty >= 0 AND durability >= 0 AND budget >= 0 AND need + fit + participation + feasibility + novelty + durability + budget = 100),
	CONSTRAINT fk_panel_named_by_id_person FOREIGN KEY(named_by_id) REFERENCES person (id),
	CONSTRAINT fk_panel_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id)
);

CREATE TRIGGER panel_named BEFORE INSERT ON panel WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro'))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a panel is named after the first check'); END;

CREATE TRIGGER panel_no_delete BEFORE DELETE ON panel BEGIN SELECT RAISE(ABORT, 'panel is append-only'); END;

CREATE TRIGGER panel_no_update BEFORE UPDATE ON panel BEGIN SELECT RAISE(ABORT, 'panel is append-only'); END;

CREATE TABLE panel_aside_entry (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	by_id INTEGER NOT NULL,
	reason VARCHAR(200) NOT NULL,
	CONSTRAINT pk_panel_aside_entry PRIMARY KEY (id),
	CONSTRAINT ck_panel_aside_entry_reason CHECK (reason <> ''),
	CONSTRAINT fk_panel_aside_entry_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_panel_aside_entry_project_id_panel_seat FOREIGN KEY(project_id, person_id) REFERENCES panel_seat (project_id, person_id),
	CONSTRAINT uq_panel_aside_entry_project_id_person_id UNIQUE (project_id, person_id)
);

CREATE TRIGGER panel_aside_entry_no_delete BEFORE DELETE ON panel_aside_entry BEGIN SELECT RAISE(ABORT, 'panel_aside_entry is append-only'); END;

CREATE TRIGGER panel_aside_entry_no_update BEFORE UPDATE ON panel_aside_entry BEGIN SELECT RAISE(ABORT, 'panel_aside_entry is append-only'); END;

CREATE TRIGGER panel_aside_open BEFORE INSERT ON panel_aside_entry WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro')) AND NOT ((SELECT count(*) FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id)) >= 3 AND NOT EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e WHERE e.project_id = t.project_id AND e.person_id = t.person_id)))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'nobody steps aside after the scores are open'); END;

CREATE TABLE panel_score_entry (
	id INTEGER NOT NULL,
	project_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	need INTEGER NOT NULL,
	fit INTEGER NOT NULL,
	participation INTEGER NOT NULL,
	feasibility INTEGER NOT NULL,
	novelty INTEGER NOT NULL,
	durability INTEGER NOT NULL,
	budget INTEGER NOT NULL,
	words VARCHAR(300) NOT NULL,
	CONSTRAINT pk_panel_score_entry PRIMARY KEY (id),
	CONSTRAINT ck_panel_score_entry_range CHECK (need BETWEEN 0 AND 100 AND fit BETWEEN 0 AND 100 AND participation BETWEEN 0 AND 100 AND feasibility BETWEEN 0 AND 100 AND novelty BETWEEN 0 AND 100 AND durability BETWEEN 0 AND 100 AND budget BETWEEN 0 AND 100),
	CONSTRAINT ck_panel_score_entry_words CHECK (words <> ''),
	CONSTRAINT fk_panel_score_entry_project_id_panel_seat FOREIGN KEY(project_id, person_id) REFERENCES panel_seat (project_id, person_id),
	CONSTRAINT uq_panel_score_entry_project_id_person_id UNIQUE (project_id, person_id)
);

CREATE TRIGGER panel_score_entry_no_delete BEFORE DELETE ON panel_score_entry BEGIN SELECT RAISE(ABORT, 'panel_score_entry is append-only'); END;

CREATE TRIGGER panel_score_entry_no_update BEFORE UPDATE ON panel_score_entry BEGIN SELECT RAISE(ABORT, 'panel_score_entry is append-only'); END;

CREATE TRIGGER panel_score_open BEFORE INSERT ON panel_score_entry WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro')) AND NOT ((SELECT count(*) FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id)) >= 3 AND NOT EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e WHERE e.project_id = t.project_id AND e.person_id = t.person_id))) AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = NEW.project_id AND a.person_id = NEW.person_id)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'scores are given once, by who sits'); END;

CREATE TABLE panel_seat (
	project_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	named_at DATETIME NOT NULL,
	named_by_id INTEGER NOT NULL,
	CONSTRAINT pk_panel_seat PRIMARY KEY (project_id, person_id),
	CONSTRAINT fk_panel_seat_named_by_id_person FOREIGN KEY(named_by_id) REFERENCES person (id),
	CONSTRAINT fk_panel_seat_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_panel_seat_project_id_panel FOREIGN KEY(project_id) REFERENCES panel (project_id)
);

CREATE INDEX ix_panel_seat_person ON panel_seat (person_id);

CREATE TRIGGER panel_seat_free BEFORE INSERT ON panel_seat WHEN (EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro') AND NEW.person_id <> p.created_by_id AND (p.applicant_id IS NULL OR NEW.person_id <> p.applicant_id) AND NEW.person_id <> coalesce((SELECT s.by_id FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1), 0)) AND NOT ((SELECT count(*) FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id)) >= 3 AND NOT EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = NEW.project_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e WHERE e.project_id = t.project_id AND e.person_id = t.person_id)))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'no seat for who sent it, none after the scores are open'); END;

CREATE TRIGGER panel_seat_made BEFORE INSERT ON panel_seat WHEN (
NOT EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = NEW.project_id AND d.by_id = NEW.person_id)
AND NOT EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' AND s.by_id = NEW.person_id)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'no seat for who wrote or sent it'); END;

CREATE TRIGGER panel_seat_no_delete BEFORE DELETE ON panel_seat BEGIN SELECT RAISE(ABORT, 'panel_seat is append-only'); END;

CREATE TRIGGER panel_seat_no_update BEFORE UPDATE ON panel_seat BEGIN SELECT RAISE(ABORT, 'panel_seat is append-only'); END;

CREATE TABLE past_hour (
	id INTEGER NOT NULL,
	batch_id INTEGER NOT NULL,
	"row" INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	served_on DATE NOT NULL,
	kind VARCHAR(32) NOT NULL,
	words VARCHAR(80) NOT NULL,
	source VARCHAR(80) NOT NULL,
	minutes INTEGER NOT NULL,
	undone_at DATETIME,
	CONSTRAINT pk_past_hour PRIMARY KEY (id),
	CONSTRAINT ck_past_hour_source CHECK (source <> ''),
	CONSTRAINT ck_past_hour_within_a_day CHECK (minutes > 0 AND minutes <= 1440),
	CONSTRAINT fk_past_hour_batch_id_register_batch FOREIGN KEY(batch_id) REFERENCES register_batch (id),
	CONSTRAINT fk_past_hour_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_past_hour_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_past_hour_hourkind CHECK (kind IN ('service', 'study'))
);

CREATE INDEX ix_past_hour_batch ON past_hour (batch_id, "row");

CREATE INDEX ix_past_hour_person_id ON past_hour (person_id);

CREATE UNIQUE INDEX uq_past_hour_stands ON past_hour (person_id, served_on, words) WHERE undone_at IS NULL;

CREATE TABLE person (
	id INTEGER NOT NULL,
	name VARCHAR(40) NOT NULL,
	gender VARCHAR(32),
	birth_date DATE,
	origin VARCHAR(32) NOT NULL,
	note VARCHAR(200) DEFAULT '' NOT NULL,
	recorded_at DATETIME NOT NULL,
	confirmed_at DATETIME,
	confirmed_by_id INTEGER,
	became_id INTEGER, initials VARCHAR(40) DEFAULT '' NOT NULL, minor_until DATE, erased_at DATETIME,
	CONSTRAINT pk_person PRIMARY KEY (id),
	CONSTRAINT fk_person_became_id_person FOREIGN KEY(became_id) REFERENCES person (id),
	CONSTRAINT fk_person_confirmed_by_id_person FOREIGN KEY(confirmed_by_id) REFERENCES person (id),
	CONSTRAINT ck_person_gender CHECK (gender IN ('male', 'female')),
	CONSTRAINT ck_person_origin CHECK (origin IN ('roster', 'self', 'staff'))
);

CREATE INDEX ix_person_became_id ON person (became_id) WHERE became_id IS NOT NULL;

CREATE INDEX ix_person_confirmed_by_id ON person (confirmed_by_id);

CREATE INDEX ix_person_erased_at ON person (erased_at) WHERE erased_at IS NOT NULL;

CREATE INDEX ix_person_initials ON person (initials);

CREATE INDEX ix_person_name ON person (name);

CREATE TRIGGER person_erased_bare BEFORE UPDATE OF erased_at ON person WHEN (NEW.erased_at IS NULL OR (NEW.gender IS NULL AND NEW.birth_date IS NULL AND NEW.minor_until IS NULL AND NEW.note = '' AND NEW.initials = '')) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'nothing of who is erased stays'); END;

CREATE TRIGGER person_erased_stays BEFORE UPDATE OF name, gender, birth_date, note, initials, minor_until, erased_at ON person WHEN (OLD.erased_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'who is erased stays so'); END;

CREATE TABLE person_difference (
	id INTEGER NOT NULL,
	low_id INTEGER NOT NULL,
	high_id INTEGER NOT NULL,
	reason VARCHAR(200) DEFAULT '' NOT NULL,
	said_by_id INTEGER NOT NULL,
	said_at DATETIME NOT NULL,
	ended_at DATETIME,
	ended_by_id INTEGER,
	CONSTRAINT pk_person_difference PRIMARY KEY (id),
	CONSTRAINT ck_person_difference_in_order CHECK (low_id < high_id),
	CONSTRAINT ck_person_difference_ended CHECK ((ended_at IS NULL) = (ended_by_id IS NULL)),
	CONSTRAINT fk_person_difference_ended_by_id_person FOREIGN KEY(ended_by_id) REFERENCES person (id),
	CONSTRAINT fk_person_difference_high_id_person FOREIGN KEY(high_id) REFERENCES person (id),
	CONSTRAINT fk_person_difference_low_id_person FOREIGN KEY(low_id) REFERENCES person (id),
	CONSTRAINT fk_person_difference_said_by_id_person FOREIGN KEY(said_by_id) REFERENCES person (id)
);

CREATE INDEX ix_person_difference_high ON person_difference (high_id);

CREATE UNIQUE INDEX uq_person_difference_open ON person_difference (low_id, high_id) WHERE ended_at IS NULL;

CREATE TRIGGER person_difference_ended BEFORE UPDATE OF ended_at, ended_by_id ON person_difference WHEN (OLD.ended_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'it ends once'); END;

CREATE TRIGGER person_difference_fixed BEFORE UPDATE OF low_id, high_id, said_by_id, said_at ON person_difference WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what was said stays'); END;

CREATE TRIGGER person_difference_kept BEFORE DELETE ON person_difference WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what was said stays'); END;

CREATE TRIGGER person_difference_words BEFORE UPDATE OF reason ON person_difference WHEN (NEW.reason = OLD.reason OR ((EXISTS (SELECT 1 FROM person WHERE person.id = OLD.low_id AND person.erased_at IS NOT NULL) OR EXISTS (SELECT 1 FROM person WHERE person.id = OLD.high_id AND person.erased_at IS NOT NULL)) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what was said stays'); END;

CREATE TABLE person_key (
	person_id INTEGER NOT NULL,
	wrapped VARCHAR(120),
	wrapped_by VARCHAR(12),
	destroyed_at DATETIME,
	CONSTRAINT pk_person_key PRIMARY KEY (person_id),
	CONSTRAINT ck_person_key_destroyed CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL)),
	CONSTRAINT ck_person_key_wrapped_by CHECK ((wrapped IS NULL) = (wrapped_by IS NULL)),
	CONSTRAINT fk_person_key_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_person_key_wrapped_by ON person_key (wrapped_by, person_id);

CREATE TRIGGER person_key_stays_destroyed BEFORE UPDATE ON person_key WHEN (OLD.destroyed_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a destroyed key comes back no more'); END;

CREATE TABLE phone (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	number VARCHAR(20) NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	CONSTRAINT pk_phone PRIMARY KEY (id),
	CONSTRAINT ck_phone_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_phone_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_phone_number ON phone (number);

CREATE INDEX ix_phone_person ON phone (person_id);

CREATE UNIQUE INDEX uq_phone_open ON phone (person_id, number) WHERE valid_to IS NULL;

CREATE TRIGGER phone_of_who_is_erased BEFORE INSERT ON phone WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TABLE "place" (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	name VARCHAR(80) NOT NULL,
	opened_on DATE NOT NULL,
	closed_on DATE,
	CONSTRAINT pk_place PRIMARY KEY (id),
	CONSTRAINT ck_place_placekind CHECK (kind IN ('community', 'estate', 'building', 'stairwell', 'service_centre', 'station'))
);

CREATE INDEX ix_place_name ON place (name);

CREATE TABLE place_ancestry (
	id INTEGER NOT NULL,
	place_id INTEGER NOT NULL,
	ancestor_id INTEGER NOT NULL,
	depth INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	CONSTRAINT pk_place_ancestry PRIMARY KEY (id),
	CONSTRAINT ck_place_ancestry_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_place_ancestry_ancestor_id_place FOREIGN KEY(ancestor_id) REFERENCES place (id),
	CONSTRAINT fk_place_ancestry_place_id_place FOREIGN KEY(place_id) REFERENCES place (id)
);

CREATE INDEX ix_place_ancestry_down ON place_ancestry (ancestor_id, place_id, valid_from, valid_to);

CREATE UNIQUE INDEX uq_place_ancestry_open ON place_ancestry (place_id, ancestor_id) WHERE valid_to IS NULL;

CREATE TABLE place_name (
	id INTEGER NOT NULL,
	place_id INTEGER NOT NULL,
	name VARCHAR(80) NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE NOT NULL,
	CONSTRAINT pk_place_name PRIMARY KEY (id),
	CONSTRAINT ck_place_name_dated CHECK (valid_to >= valid_from),
	CONSTRAINT fk_place_name_place_id_place FOREIGN KEY(place_id) REFERENCES place (id)
);

CREATE INDEX ix_place_name_place_id ON place_name (place_id);

CREATE TABLE place_parent (
	id INTEGER NOT NULL,
	place_id INTEGER NOT NULL,
	parent_id INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	CONSTRAINT pk_place_parent PRIMARY KEY (id),
	CONSTRAINT ck_place_parent_not_itself CHECK (place_id <> parent_id),
	CONSTRAINT ck_place_parent_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_place_parent_parent_id_place FOREIGN KEY(parent_id) REFERENCES place (id),
	CONSTRAINT fk_place_parent_place_id_place FOREIGN KEY(place_id) REFERENCES place (id)
);

CREATE INDEX ix_place_parent_parent_id ON place_parent (parent_id);

CREATE INDEX ix_place_parent_place_id ON place_parent (place_id);

CREATE UNIQUE INDEX uq_place_parent_open ON place_parent (place_id) WHERE valid_to IS NULL;

CREATE TRIGGER place_parent_changed AFTER UPDATE OF place_id, parent_id, valid_from, valid_to ON place_parent BEGIN
SELECT RAISE(ABORT, 'place has itself above it') WHERE EXISTS (
WITH RECURSIVE up (node, since, until) AS (
  SELECT NEW.parent_id, NEW.valid_from, coalesce(NEW.valid_to, '9999-12-31')
  UNION
  SELECT p.parent_id, max(up.since, p.valid_from), min(up.until, coalesce(p.valid_to, '9999-12-31'))
  FROM up JOIN place_parent p ON p.place_id = up.node
  WHERE p.valid_from < up.until AND coalesce(p.valid_to, '9999-12-31') > up.since AND up.since < up.until
)
SELECT 1 FROM up WHERE node = NEW.place_id AND since < until
);
SELECT RAISE(ABORT, 'place already has a parent on these days') WHERE EXISTS (
SELECT 1 FROM place_parent p WHERE p.place_id = NEW.place_id AND p.id <> NEW.id
AND p.valid_from < coalesce(NEW.valid_to, '9999-12-31') AND coalesce(p.valid_to, '9999-12-31') > NEW.valid_from
AND p.valid_from < coalesce(p.valid_to, '9999-12-31') AND NEW.valid_from < coalesce(NEW.valid_to, '9999-12-31')
);
SELECT RAISE(ABORT, 'place is closed, or its parent is') WHERE EXISTS (SELECT 1 FROM place WHERE id IN (NEW.place_id, NEW.parent_id) AND closed_on IS NOT NULL AND NEW.valid_to IS NULL);
END;

CREATE TRIGGER place_parent_new AFTER INSERT ON place_parent BEGIN
SELECT RAISE(ABORT, 'place has itself above it') WHERE EXISTS (
WITH RECURSIVE up (node, since, until) AS (
  SELECT NEW.parent_id, NEW.valid_from, coalesce(NEW.valid_to, '9999-12-31')
  UNION
  SELECT p.parent_id, max(up.since, p.valid_from), min(up.until, coalesce(p.valid_to, '9999-12-31'))
  FROM up JOIN place_parent p ON p.place_id = up.node
  WHERE p.valid_from < up.until AND coalesce(p.valid_to, '9999-12-31') > up.since AND up.since < up.until
)
SELECT 1 FROM up WHERE node = NEW.place_id AND since < until
);
SELECT RAISE(ABORT, 'place already has a parent on these days') WHERE EXISTS (
SELECT 1 FROM place_parent p WHERE p.place_id = NEW.place_id AND p.id <> NEW.id
AND p.valid_from < coalesce(NEW.valid_to, '9999-12-31') AND coalesce(p.valid_to, '9999-12-31') > NEW.valid_from
AND p.valid_from < coalesce(p.valid_to, '9999-12-31') AND NEW.valid_from < coalesce(NEW.valid_to, '9999-12-31')
);
SELECT RAISE(ABORT, 'place is closed, or its parent is') WHERE EXISTS (SELECT 1 FROM place WHERE id IN (NEW.place_id, NEW.parent_id) AND closed_on IS NOT NULL AND NEW.valid_to IS NULL);
END;

CREATE TABLE place_unit (
	id INTEGER NOT NULL,
	place_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	CONSTRAINT pk_place_unit PRIMARY KEY (id),
	CONSTRAINT ck_place_unit_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_place_unit_place_id_place FOREIGN KEY(place_id) REFERENCES place (id),
	CONSTRAINT fk_place_unit_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_place_unit_unit ON place_unit (unit_id, valid_to);

CREATE UNIQUE INDEX uq_place_unit_open ON place_unit (place_id, unit_id) WHERE valid_to IS NULL;

CREATE TABLE pledge (
	id INTEGER NOT NULL,
	offer_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	withdrawn_at DATETIME,
	done_at DATETIME,
	confirmed_by_id INTEGER,
	CONSTRAINT pk_pledge PRIMARY KEY (id),
	CONSTRAINT ck_pledge_confirmed CHECK ((done_at IS NULL) = (confirmed_by_id IS NULL)),
	CONSTRAINT ck_pledge_two_people CHECK (confirmed_by_id IS NULL OR confirmed_by_id <> person_id),
	CONSTRAINT ck_pledge_done_or_withdrawn CHECK (done_at IS NULL OR withdrawn_at IS NULL),
	CONSTRAINT fk_pledge_confirmed_by_id_person FOREIGN KEY(confirmed_by_id) REFERENCES person (id),
	CONSTRAINT fk_pledge_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_pledge_offer_id_offer FOREIGN KEY(offer_id) REFERENCES offer (id),
	CONSTRAINT fk_pledge_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_pledge_person_id ON pledge (person_id);

CREATE UNIQUE INDEX uq_pledge_standing ON pledge (offer_id, person_id) WHERE withdrawn_at IS NULL;

CREATE TRIGGER pledge_taken_changed AFTER UPDATE OF offer_id, withdrawn_at ON pledge BEGIN UPDATE offer SET taken = taken - 1 WHERE id = OLD.offer_id AND OLD.withdrawn_at IS NULL; UPDATE offer SET taken = taken + 1 WHERE id = NEW.offer_id AND NEW.withdrawn_at IS NULL; END;

CREATE TRIGGER pledge_taken_gone AFTER DELETE ON pledge WHEN OLD.withdrawn_at IS NULL BEGIN UPDATE offer SET taken = taken - 1 WHERE id = OLD.offer_id; END;

CREATE TRIGGER pledge_taken_made AFTER INSERT ON pledge WHEN NEW.withdrawn_at IS NULL BEGIN UPDATE offer SET taken = taken + 1 WHERE id = NEW.offer_id; END;

CREATE TABLE point_band (
	scheme_id INTEGER NOT NULL,
	least INTEGER NOT NULL,
	name VARCHAR(20) NOT NULL,
	CONSTRAINT pk_point_band PRIMARY KEY (scheme_id, least),
	CONSTRAINT ck_point_band_name CHECK (name <> ''),
	CONSTRAINT fk_point_band_scheme_id_point_scheme FOREIGN KEY(scheme_id) REFERENCES point_scheme (id),
	CONSTRAINT uq_point_band_scheme_id_name UNIQUE (scheme_id, name)
);

CREATE TRIGGER point_band_complete BEFORE INSERT ON point_band WHEN (SELECT count(*) FROM point_band WHERE scheme_id = NEW.scheme_id) >= (SELECT bands FROM point_scheme WHERE id = NEW.scheme_id) BEGIN SELECT RAISE(ABORT, 'point_band of a published scheme never changes'); END;

CREATE TRIGGER point_band_no_delete BEFORE DELETE ON point_band BEGIN SELECT RAISE(ABORT, 'point_band is append-only'); END;

CREATE TRIGGER point_band_no_update BEFORE UPDATE ON point_band BEGIN SELECT RAISE(ABORT, 'point_band is append-only'); END;

CREATE TABLE point_entry (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	home_unit_id INTEGER,
	organising_unit_id INTEGER NOT NULL,
	activity_id INTEGER,
	scheme_id INTEGER NOT NULL,
	scheme_kind VARCHAR(32) NOT NULL,
	rule_id INTEGER NOT NULL,
	served_on DATE NOT NULL,
	booked_on DATE NOT NULL,
	booked_at DATETIME NOT NULL,
	wanted INTEGER NOT NULL,
	points INTEGER NOT NULL,
	source_kind VARCHAR(32) NOT NULL,
	source_id INTEGER NOT NULL,
	generation INTEGER NOT NULL,
	reverses_id INTEGER,
	reason VARCHAR(200) NOT NULL,
	batch_id INTEGER,
	made_by_id INTEGER,
	approved_by_id INTEGER, counted_on DATE CONSTRAINT ck_point_entry_counted_on CHECK (counted_on IS NULL OR (counted_on > served_on AND counted_on <= booked_on)), cap_on DATE CONSTRAINT ck_point_entry_cap_on CHECK (cap_on IS NULL OR (counted_on IS NOT NULL AND cap_on < counted_on)),
	CONSTRAINT pk_point_entry PRIMARY KEY (id),
	CONSTRAINT ck_point_entry_reason CHECK (reverses_id IS NULL OR reason <> ''),
	CONSTRAINT ck_point_entry_two_people CHECK (approved_by_id IS NULL OR approved_by_id <> made_by_id),
	CONSTRAINT fk_point_entry_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_point_entry_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id),
	CONSTRAINT fk_point_entry_home_unit_id_unit FOREIGN KEY(home_unit_id) REFERENCES unit (id),
	CONSTRAINT fk_point_entry_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_point_entry_organising_unit_id_unit FOREIGN KEY(organising_unit_id) REFERENCES unit (id),
	CONSTRAINT fk_point_entry_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_point_entry_reverses_id_point_entry FOREIGN KEY(reverses_id) REFERENCES point_entry (id),
	CONSTRAINT fk_point_entry_rule_id_point_rule FOREIGN KEY(rule_id) REFERENCES point_rule (id),
	CONSTRAINT fk_point_entry_scheme_id_point_scheme FOREIGN KEY(scheme_id) REFERENCES point_scheme (id),
	CONSTRAINT uq_point_entry_reverses_id UNIQUE (reverses_id),
	CONSTRAINT ck_point_entry_schemekind CHECK (scheme_kind IN ('volunteer', 'member')),
	CONSTRAINT ck_point_entry_sourcekind CHECK (source_kind IN ('attendance', 'claim', 'import', 'correction', 'honour', 'manual', 'evened'))
);

CREATE INDEX ix_point_entry_approved_by ON point_entry (approved_by_id) WHERE approved_by_id IS NOT NULL;

CREATE INDEX ix_point_entry_by_hand ON point_entry (scheme_kind, person_id) WHERE source_kind = 'manual';

CREATE INDEX ix_point_entry_cap_on ON point_entry (person_id) WHERE cap_on IS NOT NULL;

CREATE INDEX ix_point_entry_made_by ON point_entry (made_by_id) WHERE made_by_id IS NOT NULL;

CREATE INDEX ix_point_entry_person ON point_entry (person_id, scheme_kind, served_on);

CREATE INDEX ix_point_entry_reverses ON point_entry (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE UNIQUE INDEX uq_point_entry_source ON point_entry (rule_id, source_kind, source_id, generation) WHERE reverses_id IS NULL;

CREATE TRIGGER point_entry_no_delete BEFORE DELETE ON point_entry BEGIN SELECT RAISE(ABORT, 'point_entry is append-only'); END;

CREATE TRIGGER point_entry_no_update BEFORE UPDATE ON point_entry BEGIN SELECT RAISE(ABORT, 'point_entry is append-only'); END;

CREATE TABLE point_person_total (
	person_id INTEGER NOT NULL,
	period VARCHAR(10) NOT NULL,
	rule_id INTEGER NOT NULL,
	scheme_kind VARCHAR(32) NOT NULL,
	points INTEGER NOT NULL,
	entries INTEGER NOT NULL,
	CONSTRAINT pk_point_person_total PRIMARY KEY (person_id, period, rule_id),
	CONSTRAINT fk_point_person_total_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_point_person_total_rule_id_point_rule FOREIGN KEY(rule_id) REFERENCES point_rule (id),
	CONSTRAINT ck_point_person_total_schemekind CHECK (scheme_kind IN ('volunteer', 'member'))
);

CREATE INDEX ix_point_person_total_rank ON point_person_total (period, scheme_kind, person_id);

CREATE TABLE point_proposal (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	scheme_kind VARCHAR(32) NOT NULL,
	rule_code VARCHAR(30),
	exempts VARCHAR(32),
	revokes_id INTEGER,
	happened_on DATE NOT NULL,
	until DATE,
	reason VARCHAR(200) NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_point_proposal PRIMARY KEY (id),
	CONSTRAINT ck_point_proposal_reason CHECK (reason <> ''),
	CONSTRAINT ck_point_proposal_one_thing CHECK ((CASE WHEN rule_code IS NULL THEN 0 ELSE 1 END) + (CASE WHEN exempts IS NULL THEN 0 ELSE 1 END) + (CASE WHEN revokes_id IS NULL THEN 0 ELSE 1 END) = 1),
	CONSTRAINT ck_point_proposal_until CHECK (until IS NULL OR (exempts IS NOT NULL AND until >= happened_on)),
	CONSTRAINT ck_point_proposal_decided CHECK ((decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT ck_point_proposal_not_oneself CHECK (made_by_id <> person_id),
	CONSTRAINT ck_point_proposal_two_people CHECK (decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = made_by_id)),
	CONSTRAINT ck_point_proposal_not_about_oneself CHECK (decided_by_id IS NULL OR decided_by_id <> person_id),
	CONSTRAINT ck_point_proposal_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT fk_point_proposal_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_point_proposal_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_point_proposal_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_point_proposal_revokes_id_point_proposal FOREIGN KEY(revokes_id) REFERENCES point_proposal (id),
	CONSTRAINT fk_point_proposal_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_point_proposal_schemekind CHECK (scheme_kind IN ('volunteer', 'member')),
	CONSTRAINT ck_point_proposal_exempts CHECK (exempts IN ('ill', 'away')),
	CONSTRAINT ck_point_proposal_pointverdict CHECK (verdict IN ('approved', 'returned', 'withdrawn'))
);

CREATE INDEX ix_point_proposal_decided_by_id ON point_proposal (decided_by_id);

CREATE INDEX ix_point_proposal_exempts ON point_proposal (scheme_kind, person_id) WHERE exempts IS NOT NULL;

CREATE INDEX ix_point_proposal_made_by_id ON point_proposal (made_by_id);

CREATE INDEX ix_point_proposal_open ON point_proposal (unit_id, made_at) WHERE decided_at IS NULL;

CREATE INDEX ix_point_proposal_person_id ON point_proposal (person_id);

CREATE UNIQUE INDEX uq_point_proposal_once ON point_proposal (person_id, scheme_kind, rule_code, happened_on) WHERE decided_at IS NULL AND rule_code IS NOT NULL;

CREATE UNIQUE INDEX uq_point_proposal_revoked ON point_proposal (revokes_id) WHERE revokes_id IS NOT NULL AND verdict = 'approved';

CREATE UNIQUE INDEX uq_point_proposal_revoking ON point_proposal (revokes_id) WHERE decided_at IS NULL AND revokes_id IS NOT NULL;

CREATE TRIGGER point_proposal_decided BEFORE UPDATE OF id, person_id, unit_id, scheme_kind, rule_code, exempts, revokes_id, happened_on, until, made_by_id, made_at, decided_at, decided_by_id, verdict ON point_proposal WHEN OLD.decided_at IS NOT NULL OR NEW.person_id IS NOT OLD.person_id OR NEW.unit_id IS NOT OLD.unit_id OR NEW.scheme_kind IS NOT OLD.scheme_kind OR NEW.rule_code IS NOT OLD.rule_code OR NEW.exempts IS NOT OLD.exempts OR NEW.revokes_id IS NOT OLD.revokes_id OR NEW.happened_on IS NOT OLD.happened_on OR NEW.until IS NOT OLD.until OR NEW.reason IS NOT OLD.reason OR NEW.made_by_id IS NOT OLD.made_by_id BEGIN SELECT RAISE(ABORT, 'what was decided about points never changes'); END;

CREATE TRIGGER point_proposal_stays BEFORE DELETE ON point_proposal BEGIN SELECT RAISE(ABORT, 'what was decided about points never changes'); END;

CREATE TRIGGER point_proposal_words BEFORE UPDATE OF reason, answer ON point_proposal WHEN ((OLD.decided_at IS NULL AND NEW.reason = OLD.reason) OR (EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL) AND (NEW.reason = OLD.reason OR NEW.reason IN ('', '已按本人要求删除')) AND (NEW.answer = OLD.answer OR NEW.answer IN ('', '已按本人要求删除')))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what was decided about points never changes'); END;

CREATE TABLE point_rule (
	id INTEGER NOT NULL,
	scheme_id INTEGER NOT NULL,
	code VARCHAR(30) NOT NULL,
	name VARCHAR(60) NOT NULL,
	per VARCHAR(32) NOT NULL,
	amount INTEGER NOT NULL,
	activity_kind VARCHAR(32),
	hour_kind VARCHAR(32),
	counts_honour BOOLEAN NOT NULL,
	cap INTEGER,
	cap_period VARCHAR(32), note VARCHAR(120) DEFAULT '' NOT NULL CONSTRAINT ck_point_rule_shape CHECK (CASE per WHEN 'hour' THEN amount > 0 AND activity_kind IS NULL WHEN 'occurrence' THEN amount > 0 AND hour_kind IS NULL WHEN 'carry' THEN amount BETWEEN 1 AND 10000 AND cap_period = 'year' AND activity_kind IS NULL AND hour_kind IS NULL ELSE activity_kind IS NULL AND hour_kind IS NULL AND CASE per WHEN 'base' THEN amount >= 0 AND cap IS NULL WHEN 'veto' THEN amount = 0 AND cap IS NULL WHEN 'deduction' THEN amount < 0 ELSE amount > 0 END END AND (cap IS NULL OR cap > 0) AND (cap IS NULL) = (cap_period IS NULL) AND name <> '' AND code <> ''),
	CONSTRAINT pk_point_rule PRIMARY KEY (id),
	CONSTRAINT ck_point_rule_cap CHECK ((cap IS NULL) = (cap_period IS NULL)),
	CONSTRAINT fk_point_rule_scheme_id_point_scheme FOREIGN KEY(scheme_id) REFERENCES point_scheme (id),
	CONSTRAINT uq_point_rule_scheme_id_code UNIQUE (scheme_id, code),
	CONSTRAINT ck_point_rule_per CHECK (per IN ('base', 'hour', 'occurrence', 'manual', 'honour', 'deduction', 'veto', 'carry')),
	CONSTRAINT ck_point_rule_activitykind CHECK (activity_kind IN ('service', 'study', 'party_life', 'other')),
	CONSTRAINT ck_point_rule_hourkind CHECK (hour_kind IN ('service', 'study')),
	CONSTRAINT ck_point_rule_capperiod CHECK (cap_period IN ('month', 'quarter', 'year'))
);

CREATE INDEX ix_point_rule_scheme_id ON point_rule (scheme_id);

CREATE TRIGGER point_rule_complete BEFORE INSERT ON point_rule WHEN (SELECT count(*) FROM point_rule WHERE scheme_id = NEW.scheme_id) >= (SELECT rules FROM point_scheme WHERE id = NEW.scheme_id) BEGIN SELECT RAISE(ABORT, 'point_rule of a published scheme never changes'); END;

CREATE TRIGGER point_rule_no_delete BEFORE DELETE ON point_rule BEGIN SELECT RAISE(ABORT, 'point_rule is append-only'); END;

CREATE TRIGGER point_rule_no_update BEFORE UPDATE ON point_rule BEGIN SELECT RAISE(ABORT, 'point_rule is append-only'); END;

CREATE TABLE point_scheme (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	version VARCHAR(20) NOT NULL,
	valid_from DATE NOT NULL,
	published_at DATETIME NOT NULL,
	source VARCHAR(120) NOT NULL, exempt_age INTEGER CONSTRAINT ck_point_scheme_exempt_age CHECK (exempt_age BETWEEN 18 AND 120), rules INTEGER DEFAULT '0' NOT NULL, bands INTEGER DEFAULT '0' NOT NULL, made_by_id INTEGER CONSTRAINT fk_point_scheme_made_by_id_person REFERENCES person (id), published_by_id INTEGER CONSTRAINT ck_point_scheme_two_people CHECK (published_by_id IS NULL OR published_by_id <> made_by_id) CONSTRAINT fk_point_scheme_published_by_id_person REFERENCES person (id),
	CONSTRAINT pk_point_scheme PRIMARY KEY (id),
	CONSTRAINT uq_point_scheme_kind_valid_from UNIQUE (kind, valid_from),
	CONSTRAINT uq_point_scheme_kind_version UNIQUE (kind, version),
	CONSTRAINT ck_point_scheme_schemekind CHECK (kind IN ('volunteer', 'member'))
);

CREATE TRIGGER point_scheme_no_delete BEFORE DELETE ON point_scheme BEGIN SELECT RAISE(ABORT, 'point_scheme is append-only'); END;

CREATE TRIGGER point_scheme_no_update BEFORE UPDATE ON point_scheme BEGIN SELECT RAISE(ABORT, 'point_scheme is append-only'); END;

CREATE TABLE post (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	place_id INTEGER,
	kind VARCHAR(32) NOT NULL,
	title VARCHAR(40) NOT NULL,
	duties VARCHAR(400) DEFAULT '' NOT NULL,
	seats INTEGER DEFAULT '1' NOT NULL,
	held INTEGER DEFAULT '0' NOT NULL,
	opened_on DATE NOT NULL,
	closed_on DATE,
	CONSTRAINT pk_post PRIMARY KEY (id),
	CONSTRAINT ck_post_seats CHECK (seats > 0),
	CONSTRAINT ck_post_held CHECK (held >= 0 AND held <= seats),
	CONSTRAINT ck_post_closed_empty CHECK (closed_on IS NULL OR held = 0),
	CONSTRAINT fk_post_place_id_place FOREIGN KEY(place_id) REFERENCES place (id),
	CONSTRAINT fk_post_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT ck_post_postkind CHECK (kind IN ('duty', 'building_head', 'lane_head', 'street_head'))
);

CREATE INDEX ix_post_place_id ON post (place_id);

CREATE INDEX ix_post_unit_id ON post (unit_id);

CREATE UNIQUE INDEX uq_post_open ON post (unit_id, kind, title, place_id) WHERE closed_on IS NULL;

CREATE UNIQUE INDEX uq_post_open_nowhere ON post (unit_id, kind, title) WHERE closed_on IS NULL AND place_id IS NULL;

CREATE TABLE post_term (
	id INTEGER NOT NULL,
	post_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	due_on DATE,
	noticed_on DATE,
	handover_note VARCHAR(200) DEFAULT '' NOT NULL,
	made_by_id INTEGER,
	made_at DATETIME NOT NULL,
	CONSTRAINT pk_post_term PRIMARY KEY (id),
	CONSTRAINT ck_post_term_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_post_term_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_post_term_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_post_term_post_id_post FOREIGN KEY(post_id) REFERENCES post (id)
);

CREATE INDEX ix_post_term_due ON post_term (due_on) WHERE valid_to IS NULL;

CREATE INDEX ix_post_term_person_id ON post_term (person_id);

CREATE INDEX ix_post_term_post ON post_term (post_id, valid_to);

CREATE UNIQUE INDEX uq_post_term_open ON post_term (post_id, person_id) WHERE valid_to IS NULL;

CREATE TRIGGER post_term_held_begun AFTER INSERT ON post_term WHEN NEW.valid_to IS NULL BEGIN UPDATE post SET held = held + 1 WHERE id = NEW.post_id; END;

CREATE TRIGGER post_term_held_changed AFTER UPDATE OF post_id, valid_to ON post_term BEGIN UPDATE post SET held = held - 1 WHERE id = OLD.post_id AND OLD.valid_to IS NULL; UPDATE post SET held = held + 1 WHERE id = NEW.post_id AND NEW.valid_to IS NULL; END;

CREATE TRIGGER post_term_held_gone AFTER DELETE ON post_term WHEN OLD.valid_to IS NULL BEGIN UPDATE post SET held = held - 1 WHERE id = OLD.post_id; END;

CREATE TABLE proxy (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	proxy_id INTEGER NOT NULL,
	relation VARCHAR(32) NOT NULL,
	person_agreed VARCHAR(32) NOT NULL,
	person_agreed_at DATETIME NOT NULL,
	proxy_agreed_at DATETIME NOT NULL,
	made_by_id INTEGER NOT NULL,
	valid_from DATETIME NOT NULL,
	valid_to DATETIME,
	ended_by_id INTEGER,
	CONSTRAINT pk_proxy PRIMARY KEY (id),
	CONSTRAINT ck_proxy_not_oneself CHECK (person_id <> proxy_id),
	CONSTRAINT ck_proxy_witnessed CHECK (person_agreed <> 'in_person' OR (made_by_id <> person_id AND made_by_id <> proxy_id)),
	CONSTRAINT ck_proxy_own_phone CHECK (person_agreed <> 'own_phone' OR made_by_id = person_id),
	CONSTRAINT ck_proxy_ended CHECK ((valid_to IS NULL) = (ended_by_id IS NULL)),
	CONSTRAINT ck_proxy_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT ck_proxy_agreed CHECK (person_agreed_at <= valid_from AND proxy_agreed_at <= valid_from),
	CONSTRAINT fk_proxy_ended_by_id_person FOREIGN KEY(ended_by_id) REFERENCES person (id),
	CONSTRAINT fk_proxy_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_proxy_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_proxy_proxy_id_person FOREIGN KEY(proxy_id) REFERENCES person (id),
	CONSTRAINT ck_proxy_relation CHECK (relation IN ('family', 'head', 'neighbour')),
	CONSTRAINT ck_proxy_person_agreed CHECK (person_agreed IN ('own_phone', 'in_person'))
);

CREATE INDEX ix_proxy_proxy ON proxy (proxy_id, valid_to);

CREATE UNIQUE INDEX uq_proxy_open ON proxy (person_id, proxy_id) WHERE valid_to IS NULL;

CREATE TABLE proxy_request (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	proxy_id INTEGER,
	name VARCHAR(20) NOT NULL,
	tail VARCHAR(4) NOT NULL,
	relation VARCHAR(32) NOT NULL,
	asked_at DATETIME NOT NULL,
	answered_at DATETIME,
	answer VARCHAR(32),
	CONSTRAINT pk_proxy_request PRIMARY KEY (id),
	CONSTRAINT ck_proxy_request_not_oneself CHECK (proxy_id IS NULL OR person_id <> proxy_id),
	CONSTRAINT ck_proxy_request_answered CHECK ((answered_at IS NULL) = (answer IS NULL)),
	CONSTRAINT fk_proxy_request_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_proxy_request_proxy_id_person FOREIGN KEY(proxy_id) REFERENCES person (id),
	CONSTRAINT ck_proxy_request_relation CHECK (relation IN ('family', 'head', 'neighbour')),
	CONSTRAINT ck_proxy_request_answer CHECK (answer IN ('accepted', 'declined', 'withdrawn'))
);

CREATE INDEX ix_proxy_request_person ON proxy_request (person_id, answered_at);

CREATE INDEX ix_proxy_request_proxy ON proxy_request (proxy_id, answered_at);

CREATE UNIQUE INDEX uq_proxy_request_waiting ON proxy_request (person_id, proxy_id) WHERE answered_at IS NULL AND proxy_id IS NOT NULL;

CREATE TABLE publicity (
	id INTEGER NOT NULL,
	subject_kind VARCHAR(32) NOT NULL,
	subject_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	reach VARCHAR(32) NOT NULL,
	title VARCHAR(80) NOT NULL,
	words VARCHAR(400) NOT NULL,
	phone VARCHAR(40) NOT NULL,
	place VARCHAR(80) NOT NULL,
	people INTEGER NOT NULL,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	published_at DATETIME NOT NULL,
	published_by_id INTEGER NOT NULL,
	withdrawn_at DATETIME,
	withdrawn_by_id INTEGER,
	reason VARCHAR(200) DEFAULT '' NOT NULL,
	concluded_on DATE,
	CONSTRAINT pk_publicity PRIMARY KEY (id),
	CONSTRAINT ck_publicity_reason CHECK (withdrawn_at IS NULL OR reason <> ''),
	CONSTRAINT ck_publicity_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)),
	CONSTRAINT ck_publicity_concluded CHECK (concluded_on IS NULL OR (withdrawn_at IS NULL AND concluded_on > ends_on)),
	CONSTRAINT ck_publicity_dated CHECK (ends_on >= starts_on),
	CONSTRAINT ck_publicity_people CHECK (people > 0 OR subject_kind = 'project'),
	CONSTRAINT fk_publicity_published_by_id_person FOREIGN KEY(published_by_id) REFERENCES person (id),
	CONSTRAINT fk_publicity_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT fk_publicity_withdrawn_by_id_person FOREIGN KEY(withdrawn_by_id) REFERENCES person (id),
	CONSTRAINT ck_publicity_subjectkind CHECK (subject_kind IN ('assessment', 'honour', 'certificate', 'project')),
	CONSTRAINT ck_publicity_reach CHECK (reach IN ('branch', 'public'))
);

CREATE INDEX ix_publicity_reach ON publicity (reach, ends_on);

CREATE INDEX ix_publicity_unit ON publicity (unit_id, ends_on);

CREATE UNIQUE INDEX uq_publicity_subject ON publicity (subject_kind, subject_id) WHERE withdrawn_at IS NULL;

CREATE TRIGGER publicity_on_delete BEFORE DELETE ON publicity WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'what was shown stays'); END;

CREATE TRIGGER publicity_on_update BEFORE UPDATE ON publicity WHEN OLD.withdrawn_at IS NOT NULL OR OLD.concluded_on IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.subject_kind IS NOT OLD.subject_kind OR NEW.subject_id IS NOT OLD.subject_id OR NEW.unit_id IS NOT OLD.unit_id OR NEW.reach IS NOT OLD.reach OR NEW.title IS NOT OLD.title OR NEW.words IS NOT OLD.words OR NEW.phone IS NOT OLD.phone OR NEW.place IS NOT OLD.place OR NEW.people IS NOT OLD.people OR NEW.starts_on IS NOT OLD.starts_on OR NEW.ends_on IS NOT OLD.ends_on OR NEW.published_at IS NOT OLD.published_at OR NEW.published_by_id IS NOT OLD.published_by_id OR (NEW.concluded_on IS NOT NULL AND EXISTS (SELECT 1 FROM objection WHERE objection.publicity_id = NEW.id AND answered_at IS NULL)) BEGIN SELECT RAISE(ABORT, 'a publicity is concluded once, with no objection open, or withdrawn'); END;

CREATE TABLE publicity_line (
	publicity_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	words VARCHAR(200) NOT NULL,
	CONSTRAINT pk_publicity_line PRIMARY KEY (publicity_id, person_id),
	CONSTRAINT fk_publicity_line_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_publicity_line_publicity_id_publicity FOREIGN KEY(publicity_id) REFERENCES publicity (id)
);

CREATE INDEX ix_publicity_line_person ON publicity_line (person_id);

CREATE TRIGGER publicity_line_on_delete BEFORE DELETE ON publicity_line WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'what was shown stays'); END;

CREATE TRIGGER publicity_line_on_insert BEFORE INSERT ON publicity_line WHEN (SELECT count(*) FROM publicity_line WHERE publicity_id = NEW.publicity_id) >= (SELECT people FROM publicity WHERE publicity.id = NEW.publicity_id) BEGIN SELECT RAISE(ABORT, 'a publicity has its lines from the beginning'); END;

CREATE TRIGGER publicity_line_on_update BEFORE UPDATE ON publicity_line WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, 'what was shown stays'); END;

CREATE TABLE publicity_maker (
	publicity_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	CONSTRAINT pk_publicity_maker PRIMARY KEY (publicity_id, person_id),
	CONSTRAINT fk_publicity_maker_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_publicity_maker_publicity_id_publicity FOREIGN KEY(publicity_id) REFERENCES publicity (id)
);

CREATE TRIGGER publicity_maker_no_delete BEFORE DELETE ON publicity_maker BEGIN SELECT RAISE(ABORT, 'publicity_maker is append-only'); END;

CREATE TRIGGER publicity_maker_no_update BEFORE UPDATE ON publicity_maker BEGIN SELECT RAISE(ABORT, 'publicity_maker is append-only'); END;

CREATE TABLE recovery_code (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	code_hash VARCHAR(64) NOT NULL,
	made_at DATETIME NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_recovery_code PRIMARY KEY (id),
	CONSTRAINT fk_recovery_code_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT uq_recovery_code_code_hash UNIQUE (code_hash)
);

CREATE INDEX ix_recovery_code_person_id ON recovery_code (person_id);

CREATE TABLE register_batch (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	unit_id INTEGER,
	file_name VARCHAR(120) NOT NULL,
	made_by_id INTEGER,
	made_at DATETIME NOT NULL,
	staged_at DATETIME,
	titles JSON NOT NULL,
	fresh INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	unchanged INTEGER NOT NULL,
	blank INTEGER NOT NULL,
	refused INTEGER NOT NULL,
	running INTEGER,
	beat_at DATETIME,
	approved_by_id INTEGER,
	started_at DATETIME,
	applied_at DATETIME,
	undone_at DATETIME,
	undone_by_id INTEGER,
	cleared_at DATETIME, undo_asked_by_id INTEGER CONSTRAINT fk_register_batch_undo_asked_by_id_person REFERENCES person (id),
	CONSTRAINT pk_register_batch PRIMARY KEY (id),
	CONSTRAINT ck_register_batch_approved CHECK (kind NOT IN ('hours', 'projects') OR started_at IS NULL OR approved_by_id IS NOT NULL),
	CONSTRAINT ck_register_batch_started CHECK (applied_at IS NULL OR started_at IS NOT NULL),
	CONSTRAINT ck_register_batch_two_people CHECK (approved_by_id IS NULL OR made_by_id IS NULL OR approved_by_id <> made_by_id),
	CONSTRAINT ck_register_batch_running CHECK (running IS NULL OR running = 1),
	CONSTRAINT ck_register_batch_applied CHECK (undone_at IS NULL OR applied_at IS NOT NULL),
	CONSTRAINT fk_register_batch_approved_by_id_person FOREIGN KEY(approved_by_id) REFERENCES person (id),
	CONSTRAINT fk_register_batch_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_register_batch_undone_by_id_person FOREIGN KEY(undone_by_id) REFERENCES person (id),
	CONSTRAINT fk_register_batch_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_register_batch_running UNIQUE (running),
	CONSTRAINT ck_register_batch_registerkind CHECK (kind IN ('units', 'places', 'posts', 'hours', 'projects'))
);

CREATE INDEX ix_register_batch_unit ON register_batch (unit_id, made_at);

CREATE TABLE register_row (
	batch_id INTEGER NOT NULL,
	place INTEGER NOT NULL,
	number INTEGER NOT NULL,
	verdict VARCHAR(32) NOT NULL,
	subject VARCHAR(120) NOT NULL,
	cells JSON NOT NULL,
	changes JSON NOT NULL,
	reasons JSON NOT NULL,
	raw JSON,
	target_id INTEGER,
	journal JSON,
	written_at DATETIME,
	CONSTRAINT pk_register_row PRIMARY KEY (batch_id, place),
	CONSTRAINT fk_register_row_batch_id_register_batch FOREIGN KEY(batch_id) REFERENCES register_batch (id),
	CONSTRAINT uq_register_row_batch_id_number UNIQUE (batch_id, number),
	CONSTRAINT ck_register_row_rowverdict CHECK (verdict IN ('new', 'changed', 'unchanged', 'refused'))
);

CREATE INDEX ix_register_row_verdict ON register_row (batch_id, verdict, place);

CREATE TABLE report_entry (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	period VARCHAR(7) NOT NULL,
	version INTEGER NOT NULL,
	content JSON NOT NULL,
	digest VARCHAR(64) NOT NULL,
	cut_off_at DATETIME NOT NULL,
	made_by_id INTEGER,
	CONSTRAINT pk_report_entry PRIMARY KEY (id),
	CONSTRAINT ck_report_entry_version CHECK (version > 0),
	CONSTRAINT ck_report_entry_period CHECK (length(period) IN (4, 7)),
	CONSTRAINT ck_report_entry_digest CHECK (length(digest) = 64),
	CONSTRAINT fk_report_entry_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_report_entry_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_report_entry_unit_id_period_version UNIQUE (unit_id, period, version)
);

CREATE TRIGGER report_entry_no_delete BEFORE DELETE ON report_entry BEGIN SELECT RAISE(ABORT, 'report_entry is append-only'); END;

CREATE TRIGGER report_entry_no_update BEFORE UPDATE ON report_entry BEGIN SELECT RAISE(ABORT, 'report_entry is append-only'); END;

CREATE TABLE report_sending_entry (
	id INTEGER NOT NULL,
	report_id INTEGER NOT NULL,
	sent_at DATETIME NOT NULL,
	sent_by_id INTEGER NOT NULL,
	note VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_report_sending_entry PRIMARY KEY (id),
	CONSTRAINT fk_report_sending_entry_report_id_report_entry FOREIGN KEY(report_id) REFERENCES report_entry (id),
	CONSTRAINT fk_report_sending_entry_sent_by_id_person FOREIGN KEY(sent_by_id) REFERENCES person (id),
	CONSTRAINT uq_report_sending_entry_report_id UNIQUE (report_id)
);

CREATE TRIGGER report_sending_entry_no_delete BEFORE DELETE ON report_sending_entry BEGIN SELECT RAISE(ABORT, 'report_sending_entry is append-only'); END;

CREATE TRIGGER report_sending_entry_no_update BEFORE UPDATE ON report_sending_entry BEGIN SELECT RAISE(ABORT, 'report_sending_entry is append-only'); END;

CREATE TRIGGER report_sending_entry_two_people BEFORE INSERT ON report_sending_entry WHEN NEW.sent_by_id IN (SELECT made_by_id FROM report_entry WHERE id = NEW.report_id) BEGIN SELECT RAISE(ABORT, 'report_sending_entry takes two people'); END;

CREATE TABLE requirement (
	id INTEGER NOT NULL,
	set_id INTEGER NOT NULL,
	stage VARCHAR(32) NOT NULL,
	kind VARCHAR(32) NOT NULL,
	minutes_needed INTEGER NOT NULL,
	honour_minutes INTEGER NOT NULL,
	window_days INTEGER,
	CONSTRAINT pk_requirement PRIMARY KEY (id),
	CONSTRAINT ck_requirement_minutes CHECK (minutes_needed > 0 AND honour_minutes >= 0),
	CONSTRAINT ck_requirement_window_days CHECK (window_days IS NULL OR window_days > 0),
	CONSTRAINT fk_requirement_set_id_requirement_set FOREIGN KEY(set_id) REFERENCES requirement_set (id),
	CONSTRAINT uq_requirement_set_id_stage_kind UNIQUE (set_id, stage, kind),
	CONSTRAINT ck_requirement_stagekind CHECK (stage IN ('masses', 'applicant', 'activist', 'candidate', 'probationary', 'member')),
	CONSTRAINT ck_requirement_hourkind CHECK (kind IN ('service', 'study'))
);

CREATE TRIGGER requirement_added BEFORE INSERT ON requirement WHEN EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = NEW.set_id AND s.published_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'a published requirement set never changes'); END;

CREATE TRIGGER requirement_changed BEFORE UPDATE ON requirement WHEN EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = OLD.set_id AND s.published_at IS NOT NULL) OR EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = NEW.set_id AND s.published_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'a published requirement set never changes'); END;

CREATE TRIGGER requirement_removed BEFORE DELETE ON requirement WHEN EXISTS (SELECT 1 FROM requirement_set s WHERE s.id = OLD.set_id AND s.published_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'a published requirement set never changes'); END;

CREATE TABLE requirement_choice (
	id INTEGER NOT NULL,
	set_id INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	asked_at DATETIME NOT NULL,
	asked_by_id INTEGER,
	decided_at DATETIME,
	decided_by_id INTEGER,
	verdict VARCHAR(32),
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_requirement_choice PRIMARY KEY (id),
	CONSTRAINT ck_requirement_choice_decided CHECK ((decided_at IS NULL) = (verdict IS NULL)),
	CONSTRAINT ck_requirement_choice_two_people CHECK (verdict = 'withdrawn' OR decided_by_id IS NULL OR decided_by_id <> asked_by_id),
	CONSTRAINT ck_requirement_choice_answer CHECK (verdict <> 'returned' OR answer <> ''),
	CONSTRAINT fk_requirement_choice_asked_by_id_person FOREIGN KEY(asked_by_id) REFERENCES person (id),
	CONSTRAINT fk_requirement_choice_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_requirement_choice_set_id_requirement_set FOREIGN KEY(set_id) REFERENCES requirement_set (id),
	CONSTRAINT ck_requirement_choice_choiceverdict CHECK (verdict IN ('confirmed', 'returned', 'withdrawn'))
);

CREATE UNIQUE INDEX uq_requirement_choice_open ON requirement_choice (set_id) WHERE decided_at IS NULL;

CREATE TRIGGER requirement_choice_decided BEFORE UPDATE ON requirement_choice WHEN OLD.decided_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a decided choice never changes'); END;

CREATE TRIGGER requirement_choice_kept BEFORE DELETE ON requirement_choice WHEN OLD.decided_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a decided choice never changes'); END;

CREATE TABLE requirement_set (
	id INTEGER NOT NULL,
	code VARCHAR(20) NOT NULL,
	name VARCHAR(40) NOT NULL,
	note VARCHAR(200) NOT NULL,
	version INTEGER DEFAULT '1' NOT NULL, family_id INTEGER CONSTRAINT fk_requirement_set_family_id_requirement_set REFERENCES requirement_set (id), based_on_id INTEGER CONSTRAINT fk_requirement_set_based_on_id_requirement_set REFERENCES requirement_set (id), made_by_id INTEGER CONSTRAINT fk_requirement_set_made_by_id_person REFERENCES person (id), made_at DATETIME, published_at DATETIME, dropped_at DATETIME,
	CONSTRAINT pk_requirement_set PRIMARY KEY (id),
	CONSTRAINT uq_requirement_set_code UNIQUE (code)
);

CREATE UNIQUE INDEX uq_requirement_set_family ON requirement_set (family_id, version);

CREATE TRIGGER requirement_set_kept BEFORE DELETE ON requirement_set WHEN OLD.published_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a published requirement set never changes'); END;

CREATE TRIGGER requirement_set_published BEFORE UPDATE ON requirement_set WHEN OLD.published_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a published requirement set never changes'); END;

CREATE TABLE rights_request (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	unit_id INTEGER NOT NULL,
	asked_by_id INTEGER NOT NULL,
	how VARCHAR(32) NOT NULL,
	guardian_name VARCHAR(40) DEFAULT '' NOT NULL,
	words VARCHAR(300) DEFAULT '' NOT NULL,
	wanted JSON NOT NULL,
	asked_at DATETIME NOT NULL,
	due_on DATE NOT NULL,
	verdict VARCHAR(32),
	decided_at DATETIME,
	decided_by_id INTEGER,
	answer VARCHAR(300) DEFAULT '' NOT NULL,
	CONSTRAINT pk_rights_request PRIMARY KEY (id),
	CONSTRAINT ck_rights_request_decided CHECK ((decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)),
	CONSTRAINT ck_rights_request_two_people CHECK (decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id IN (person_id, asked_by_id))),
	CONSTRAINT ck_rights_request_answer CHECK (verdict <> 'refused' OR answer <> ''),
	CONSTRAINT ck_rights_request_asked CHECK ((how = 'own') = (asked_by_id = person_id)),
	CONSTRAINT ck_rights_request_guardian CHECK ((how <> 'guardian') = (guardian_name = '')),
	CONSTRAINT ck_rights_request_requestkind CHECK (kind IN ('correction', 'erasure')),
	CONSTRAINT ck_rights_request_askedhow CHECK (how IN ('own', 'in_person', 'guardian')),
	CONSTRAINT ck_rights_request_requestverdict CHECK (verdict IN ('approved', 'refused', 'withdrawn')),
	CONSTRAINT fk_rights_request_asked_by_id_person FOREIGN KEY(asked_by_id) REFERENCES person (id),
	CONSTRAINT fk_rights_request_decided_by_id_person FOREIGN KEY(decided_by_id) REFERENCES person (id),
	CONSTRAINT fk_rights_request_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_rights_request_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_rights_request_due ON rights_request (due_on) WHERE verdict IS NULL;

CREATE INDEX ix_rights_request_unit ON rights_request (unit_id, decided_at);

CREATE UNIQUE INDEX uq_rights_request_open ON rights_request (person_id, kind) WHERE verdict IS NULL;

CREATE TRIGGER rights_request_fixed BEFORE UPDATE OF person_id, kind, unit_id, asked_by_id, how, asked_at, due_on ON rights_request WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what was asked for does not change'); END;

CREATE TRIGGER rights_request_kept BEFORE DELETE ON rights_request WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a request is kept'); END;

CREATE TRIGGER rights_request_once BEFORE UPDATE OF verdict, decided_at, decided_by_id ON rights_request WHEN (OLD.verdict IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a request is decided once'); END;

CREATE TRIGGER rights_request_said BEFORE UPDATE OF guardian_name, words, wanted, answer ON rights_request WHEN (OLD.verdict IS NULL OR EXISTS (SELECT 1 FROM person WHERE person.id = OLD.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what was asked for does not change'); END;

CREATE TABLE "role_grant" (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	role VARCHAR(32) NOT NULL,
	unit_id INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	granted_by_id INTEGER,
	CONSTRAINT pk_role_grant PRIMARY KEY (id),
	CONSTRAINT ck_role_grant_dated_deputy CHECK (role <> 'deputy' OR valid_to IS NOT NULL),
	CONSTRAINT ck_role_grant_not_by_oneself CHECK (granted_by_id IS NULL OR granted_by_id <> person_id),
	CONSTRAINT ck_role_grant_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT ck_role_grant_role CHECK (role IN ('organiser', 'team_leader', 'secretary', 'deputy', 'administrator', 'fund_officer', 'fund_approver', 'auditor')),
	CONSTRAINT fk_role_grant_granted_by_id_person FOREIGN KEY(granted_by_id) REFERENCES person (id),
	CONSTRAINT fk_role_grant_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_role_grant_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_role_grant_unit_id ON role_grant (unit_id);

CREATE UNIQUE INDEX uq_role_grant_open ON role_grant (person_id, role, unit_id) WHERE valid_to IS NULL;

CREATE TRIGGER role_grant_of_who_is_erased BEFORE INSERT ON role_grant WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TRIGGER role_grant_seats_insert AFTER INSERT ON role_grant BEGIN SELECT RAISE(ABORT, 'two deputies at a time') WHERE EXISTS (SELECT 1 FROM role_grant begins
    WHERE NEW.role = 'deputy' AND begins.role = 'deputy' AND begins.unit_id = NEW.unit_id
      AND begins.valid_from < NEW.valid_to AND begins.valid_to > NEW.valid_from
      AND 2 < (SELECT count(*) FROM role_grant held WHERE held.role = 'deputy' AND held.unit_id = NEW.unit_id
        AND held.valid_from <= max(begins.valid_from, NEW.valid_from) AND held.valid_to > max(begins.valid_from, NEW.valid_from))); SELECT RAISE(ABORT, 'this role is held already') WHERE EXISTS (SELECT 1 FROM role_grant other
    WHERE other.id <> NEW.id AND other.person_id = NEW.person_id AND other.role = NEW.role AND other.unit_id = NEW.unit_id
      AND (NEW.valid_to IS NULL OR other.valid_from < NEW.valid_to) AND (other.valid_to IS NULL OR other.valid_to > NEW.valid_from)
      AND (NEW.valid_to IS NULL OR NEW.valid_to > NEW.valid_from) AND (other.valid_to IS NULL OR other.valid_to > other.valid_from)); END;

CREATE TRIGGER role_grant_seats_update AFTER UPDATE OF person_id, role, unit_id, valid_from, valid_to ON role_grant BEGIN SELECT RAISE(ABORT, 'two deputies at a time') WHERE EXISTS (SELECT 1 FROM role_grant begins
    WHERE NEW.role = 'deputy' AND begins.role = 'deputy' AND begins.unit_id = NEW.unit_id
      AND begins.valid_from < NEW.valid_to AND begins.valid_to > NEW.valid_from
      AND 2 < (SELECT count(*) FROM role_grant held WHERE held.role = 'deputy' AND held.unit_id = NEW.unit_id
        AND held.valid_from <= max(begins.valid_from, NEW.valid_from) AND held.valid_to > max(begins.valid_from, NEW.valid_from))); SELECT RAISE(ABORT, 'this role is held already') WHERE EXISTS (SELECT 1 FROM role_grant other
    WHERE other.id <> NEW.id AND other.person_id = NEW.person_id AND other.role = NEW.role AND other.unit_id = NEW.unit_id
      AND (NEW.valid_to IS NULL OR other.valid_from < NEW.valid_to) AND (other.valid_to IS NULL OR other.valid_to > NEW.valid_from)
      AND (NEW.valid_to IS NULL OR NEW.valid_to > NEW.valid_from) AND (other.valid_to IS NULL OR other.valid_to > other.valid_from)); END;

CREATE TABLE scan (
	id CHAR(32) NOT NULL,
	activity_id INTEGER NOT NULL,
	shift_id INTEGER,
	person_id INTEGER,
	by_id INTEGER,
	way VARCHAR(32) NOT NULL,
	outcome VARCHAR(32) NOT NULL,
	at DATETIME NOT NULL,
	received_at DATETIME NOT NULL,
	content VARCHAR(32) NOT NULL,
	device_hash VARCHAR(32), gate_id INTEGER CONSTRAINT fk_scan_gate_id_gate REFERENCES gate (id), day_code BOOLEAN, fence VARCHAR(32) CONSTRAINT ck_scan_fence CHECK (fence IN ('inside', 'outside', 'not_given')),
	CONSTRAINT pk_scan PRIMARY KEY (id),
	CONSTRAINT fk_scan_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id),
	CONSTRAINT fk_scan_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_scan_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_scan_shift_id_shift FOREIGN KEY(shift_id) REFERENCES shift (id),
	CONSTRAINT ck_scan_way CHECK (way IN ('poster', 'rotating', 'typed_code', 'personal_code', 'card', 'button', 'named', 'organiser', 'paper')),
	CONSTRAINT ck_scan_outcome CHECK (outcome IN ('in', 'out', 'undone', 'already_in', 'already_out', 'pending', 'visitor', 'too_early', 'too_late', 'stale_code', 'wrong_way', 'not_open', 'too_many', 'not_in', 'forged'))
);

CREATE INDEX ix_scan_activity ON scan (activity_id, received_at);

CREATE INDEX ix_scan_by ON scan (by_id) WHERE by_id IS NOT NULL;

CREATE INDEX ix_scan_device ON scan (device_hash, activity_id, person_id) WHERE device_hash IS NOT NULL AND person_id IS NOT NULL AND by_id IS NULL;

CREATE INDEX ix_scan_person ON scan (person_id, activity_id);

CREATE INDEX ix_scan_received_at ON scan (received_at);

CREATE UNIQUE INDEX uq_scan_visit ON scan (activity_id, device_hash) WHERE outcome = 'visitor';

CREATE TRIGGER scan_no_delete BEFORE DELETE ON scan BEGIN SELECT RAISE(ABORT, 'scan is append-only'); END;

CREATE TRIGGER scan_no_update BEFORE UPDATE ON scan BEGIN SELECT RAISE(ABORT, 'scan is append-only'); END;

CREATE TABLE scheme_draft (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	version VARCHAR(20) NOT NULL,
	source VARCHAR(120) NOT NULL,
	exempt_age INTEGER,
	valid_from DATE NOT NULL,
	based_on_id INTEGER NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	sent_at DATETIME,
	answer VARCHAR(200) DEFAULT '' NOT NULL,
	ended_at DATETIME,
	scheme_id INTEGER,
	booked_to INTEGER,
	booked_at DATETIME,
	CONSTRAINT pk_scheme_draft PRIMARY KEY (id),
	CONSTRAINT ck_scheme_draft_words CHECK (version <> '' AND source <> ''),
	CONSTRAINT ck_scheme_draft_exempt_age CHECK (exempt_age BETWEEN 18 AND 120),
	CONSTRAINT ck_scheme_draft_published CHECK (scheme_id IS NULL OR (ended_at IS NOT NULL AND sent_at IS NOT NULL)),
	CONSTRAINT fk_scheme_draft_based_on_id_point_scheme FOREIGN KEY(based_on_id) REFERENCES point_scheme (id),
	CONSTRAINT fk_scheme_draft_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_scheme_draft_scheme_id_point_scheme FOREIGN KEY(scheme_id) REFERENCES point_scheme (id),
	CONSTRAINT uq_scheme_draft_scheme_id UNIQUE (scheme_id),
	CONSTRAINT ck_scheme_draft_schemekind CHECK (kind IN ('volunteer', 'member'))
);

CREATE INDEX ix_scheme_draft_made_by_id ON scheme_draft (made_by_id);

CREATE UNIQUE INDEX uq_scheme_draft_open ON scheme_draft (kind) WHERE ended_at IS NULL;

CREATE TABLE scheme_draft_band (
	draft_id INTEGER NOT NULL,
	least INTEGER NOT NULL,
	name VARCHAR(20) NOT NULL,
	CONSTRAINT pk_scheme_draft_band PRIMARY KEY (draft_id, least),
	CONSTRAINT ck_scheme_draft_band_name CHECK (name <> ''),
	CONSTRAINT fk_scheme_draft_band_draft_id_scheme_draft FOREIGN KEY(draft_id) REFERENCES scheme_draft (id),
	CONSTRAINT uq_scheme_draft_band_draft_id_name UNIQUE (draft_id, name)
);

CREATE TABLE scheme_draft_rule (
	id INTEGER NOT NULL,
	draft_id INTEGER NOT NULL,
	code VARCHAR(30) NOT NULL,
	name VARCHAR(60) NOT NULL,
	per VARCHAR(32) NOT NULL,
	amount INTEGER NOT NULL,
	activity_kind VARCHAR(32),
	hour_kind VARCHAR(32),
	counts_honour BOOLEAN NOT NULL,
	cap INTEGER,
	cap_period VARCHAR(32),
	note VARCHAR(120) DEFAULT '' NOT NULL,
	CONSTRAINT pk_scheme_draft_rule PRIMARY KEY (id),
	CONSTRAINT ck_scheme_draft_rule_shape CHECK (CASE per WHEN 'hour' THEN amount > 0 AND activity_kind IS NULL WHEN 'occurrence' THEN amount > 0 AND hour_kind IS NULL WHEN 'carry' THEN amount BETWEEN 1 AND 10000 AND cap_period = 'year' AND activity_kind IS NULL AND hour_kind IS NULL ELSE activity_kind IS NULL AND hour_kind IS NULL AND CASE per WHEN 'base' THEN amount >= 0 AND cap IS NULL WHEN 'veto' THEN amount = 0 AND cap IS NULL WHEN 'deduction' THEN amount < 0 ELSE amount > 0 END END AND (cap IS NULL OR cap > 0) AND (cap IS NULL) = (cap_period IS NULL) AND name <> '' AND code <> ''),
	CONSTRAINT fk_scheme_draft_rule_draft_id_scheme_draft FOREIGN KEY(draft_id) REFERENCES scheme_draft (id),
	CONSTRAINT uq_scheme_draft_rule_draft_id_code UNIQUE (draft_id, code),
	CONSTRAINT ck_scheme_draft_rule_per CHECK (per IN ('base', 'hour', 'occurrence', 'manual', 'honour', 'deduction', 'veto', 'carry')),
	CONSTRAINT ck_scheme_draft_rule_activitykind CHECK (activity_kind IN ('service', 'study', 'party_life', 'other')),
	CONSTRAINT ck_scheme_draft_rule_hourkind CHECK (hour_kind IN ('service', 'study')),
	CONSTRAINT ck_scheme_draft_rule_capperiod CHECK (cap_period IN ('month', 'quarter', 'year'))
);

CREATE TABLE seal_check (
	id INTEGER NOT NULL,
	checked_at DATETIME NOT NULL,
	last_day DATE NOT NULL,
	faults INTEGER NOT NULL,
	CONSTRAINT pk_seal_check PRIMARY KEY (id),
	CONSTRAINT ck_seal_check_faults CHECK (faults >= 0)
);

CREATE TABLE seal_entry (
	id INTEGER NOT NULL,
	day DATE NOT NULL,
	sealed_at DATETIME NOT NULL,
	content JSON NOT NULL,
	previous VARCHAR(64) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	CONSTRAINT pk_seal_entry PRIMARY KEY (id),
	CONSTRAINT ck_seal_entry_digests CHECK (length(digest) = 64 AND length(previous) = 64 AND digest <> previous),
	CONSTRAINT uq_seal_entry_day UNIQUE (day),
	CONSTRAINT uq_seal_entry_previous UNIQUE (previous),
	CONSTRAINT uq_seal_entry_digest UNIQUE (digest)
);

CREATE TRIGGER seal_entry_follows_the_last BEFORE INSERT ON seal_entry WHEN (COALESCE((SELECT last_one.digest FROM seal_entry last_one ORDER BY last_one.day DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000') = NEW.previous AND NOT EXISTS (SELECT 1 FROM seal_entry other WHERE other.day >= NEW.day)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a seal follows the last one'); END;

CREATE TRIGGER seal_entry_no_delete BEFORE DELETE ON seal_entry BEGIN SELECT RAISE(ABORT, 'seal_entry is append-only'); END;

CREATE TRIGGER seal_entry_no_update BEFORE UPDATE ON seal_entry BEGIN SELECT RAISE(ABORT, 'seal_entry is append-only'); END;

CREATE TABLE seal_part_entry (
	id INTEGER NOT NULL,
	day DATE NOT NULL,
	sealed_table VARCHAR(40) NOT NULL,
	seq INTEGER NOT NULL,
	rows INTEGER NOT NULL,
	late BOOLEAN NOT NULL,
	columns TEXT NOT NULL,
	marks TEXT NOT NULL,
	digest VARCHAR(64) NOT NULL,
	CONSTRAINT pk_seal_part_entry PRIMARY KEY (id),
	CONSTRAINT ck_seal_part_entry_figures CHECK (seq >= 1 AND rows >= 1 AND length(digest) = 64),
	CONSTRAINT uq_seal_part_entry_sealed_table_day_seq UNIQUE (sealed_table, day, seq)
);

CREATE INDEX ix_seal_part_entry_day ON seal_part_entry (day);

CREATE TRIGGER seal_part_entry_no_delete BEFORE DELETE ON seal_part_entry BEGIN SELECT RAISE(ABORT, 'seal_part_entry is append-only'); END;

CREATE TRIGGER seal_part_entry_no_update BEFORE UPDATE ON seal_part_entry BEGIN SELECT RAISE(ABORT, 'seal_part_entry is append-only'); END;

CREATE TRIGGER seal_part_entry_of_an_open_day BEFORE INSERT ON seal_part_entry WHEN (NOT EXISTS (SELECT 1 FROM seal_entry sealed WHERE sealed.day >= NEW.day)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'that day is sealed'); END;

CREATE TABLE second_factor (
	person_id INTEGER NOT NULL,
	sealed VARCHAR(200),
	pending VARCHAR(200),
	confirmed_at DATETIME,
	last_step INTEGER DEFAULT '0' NOT NULL,
	CONSTRAINT pk_second_factor PRIMARY KEY (person_id),
	CONSTRAINT ck_second_factor_confirmed CHECK ((confirmed_at IS NULL) = (sealed IS NULL)),
	CONSTRAINT fk_second_factor_person_id_person FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE TABLE setting (
	"key" VARCHAR(60) NOT NULL,
	value JSON NOT NULL,
	changed_at DATETIME NOT NULL,
	changed_by_id INTEGER,
	CONSTRAINT pk_setting PRIMARY KEY ("key"),
	CONSTRAINT fk_setting_changed_by_id_person FOREIGN KEY(changed_by_id) REFERENCES person (id)
);

CREATE TABLE shift (
	id INTEGER NOT NULL,
	activity_id INTEGER NOT NULL,
	name VARCHAR(30) NOT NULL,
	starts_at DATETIME NOT NULL,
	ends_at DATETIME NOT NULL,
	extended_to DATETIME,
	break_minutes INTEGER NOT NULL,
	capacity INTEGER,
	taken INTEGER DEFAULT '0' NOT NULL,
	CONSTRAINT pk_shift PRIMARY KEY (id),
	CONSTRAINT ck_shift_break_minutes CHECK (break_minutes >= 0),
	CONSTRAINT ck_shift_ends_after_start CHECK (ends_at > starts_at),
	CONSTRAINT ck_shift_extended_to CHECK (extended_to IS NULL OR extended_to > ends_at),
	CONSTRAINT ck_shift_capacity CHECK (taken >= 0 AND (capacity IS NULL OR taken <= capacity)),
	CONSTRAINT fk_shift_activity_id_activity FOREIGN KEY(activity_id) REFERENCES activity (id)
);

CREATE INDEX ix_shift_activity ON shift (activity_id, starts_at);

CREATE INDEX ix_shift_ends_at ON shift (ends_at);

CREATE TRIGGER shift_sums BEFORE UPDATE OF capacity, taken ON shift WHEN EXISTS (SELECT 1 FROM shift_position WHERE shift_id = NEW.id) AND (NEW.capacity IS NOT (SELECT sum(capacity) FROM shift_position WHERE shift_id = NEW.id) OR NEW.taken IS NOT (SELECT sum(taken) FROM shift_position WHERE shift_id = NEW.id)) BEGIN SELECT RAISE(ABORT, 'a shift with positions has their sums'); END;

CREATE TABLE shift_position (
	id INTEGER NOT NULL,
	shift_id INTEGER NOT NULL,
	name VARCHAR(12) NOT NULL,
	capacity INTEGER NOT NULL,
	taken INTEGER DEFAULT '0' NOT NULL,
	place INTEGER NOT NULL,
	CONSTRAINT pk_shift_position PRIMARY KEY (id),
	CONSTRAINT ck_shift_position_name CHECK (name <> ''),
	CONSTRAINT ck_shift_position_capacity CHECK (capacity >= 1),
	CONSTRAINT ck_shift_position_taken CHECK (taken BETWEEN 0 AND capacity),
	CONSTRAINT fk_shift_position_shift_id_shift FOREIGN KEY(shift_id) REFERENCES shift (id),
	CONSTRAINT uq_shift_position_id_shift_id UNIQUE (id, shift_id),
	CONSTRAINT uq_shift_position_shift_id_name UNIQUE (shift_id, name)
);

CREATE TRIGGER shift_position_changed AFTER UPDATE OF capacity, taken ON shift_position BEGIN UPDATE shift SET capacity = (SELECT sum(p.capacity) FROM shift_position p WHERE p.shift_id = shift.id), taken = (SELECT sum(p.taken) FROM shift_position p WHERE p.shift_id = shift.id) WHERE id = NEW.shift_id AND EXISTS (SELECT 1 FROM shift_position p WHERE p.shift_id = shift.id); END;

CREATE TRIGGER shift_position_fresh BEFORE INSERT ON shift_position WHEN NEW.taken <> 0 OR EXISTS (SELECT 1 FROM signup WHERE shift_id = NEW.shift_id AND position_id IS NULL AND seated_at IS NOT NULL AND withdrawn_at IS NULL) BEGIN SELECT RAISE(ABORT, 'positions begin empty, and not where seats were given without any'); END;

CREATE TRIGGER shift_position_gone AFTER DELETE ON shift_position BEGIN UPDATE shift SET capacity = (SELECT sum(p.capacity) FROM shift_position p WHERE p.shift_id = shift.id), taken = (SELECT sum(p.taken) FROM shift_position p WHERE p.shift_id = shift.id) WHERE id = OLD.shift_id AND EXISTS (SELECT 1 FROM shift_position p WHERE p.shift_id = shift.id); END;

CREATE TRIGGER shift_position_made AFTER INSERT ON shift_position BEGIN UPDATE shift SET capacity = (SELECT sum(p.capacity) FROM shift_position p WHERE p.shift_id = shift.id), taken = (SELECT sum(p.taken) FROM shift_position p WHERE p.shift_id = shift.id) WHERE id = NEW.shift_id AND EXISTS (SELECT 1 FROM shift_position p WHERE p.shift_id = shift.id); END;

CREATE TRIGGER shift_position_stays BEFORE UPDATE OF shift_id ON shift_position WHEN NEW.shift_id <> OLD.shift_id BEGIN SELECT RAISE(ABORT, 'a position stays with its shift'); END;

CREATE TABLE sign_in_attempt (
	id INTEGER NOT NULL,
	phone_hash VARCHAR(64) NOT NULL,
	device_hash VARCHAR(64) NOT NULL,
	at DATETIME NOT NULL,
	CONSTRAINT pk_sign_in_attempt PRIMARY KEY (id)
);

CREATE INDEX ix_sign_in_attempt_device ON sign_in_attempt (device_hash, at);

CREATE INDEX ix_sign_in_attempt_phone ON sign_in_attempt (phone_hash, at);

CREATE TABLE "signup" (
	id INTEGER NOT NULL,
	shift_id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	seated_at DATETIME,
	withdrawn_at DATETIME,
	risk_read_at DATETIME,
	position_id INTEGER,
	CONSTRAINT pk_signup PRIMARY KEY (id),
	CONSTRAINT fk_signup_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT fk_signup_position_id_shift_position FOREIGN KEY(position_id, shift_id) REFERENCES shift_position (id, shift_id),
	CONSTRAINT fk_signup_shift_id_shift FOREIGN KEY(shift_id) REFERENCES shift (id)
);

CREATE INDEX ix_signup_person ON signup (person_id, withdrawn_at);

CREATE UNIQUE INDEX uq_signup_active ON signup (shift_id, person_id) WHERE withdrawn_at IS NULL;

CREATE TRIGGER signup_of_who_went BEFORE INSERT ON signup WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.became_id IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this record was merged'); END;

CREATE TRIGGER signup_position_changed AFTER UPDATE OF shift_id, position_id, seated_at, withdrawn_at ON signup BEGIN UPDATE shift_position SET taken = taken - 1 WHERE id = OLD.position_id AND OLD.seated_at IS NOT NULL AND OLD.withdrawn_at IS NULL; UPDATE shift_position SET taken = taken + 1 WHERE id = NEW.position_id AND NEW.seated_at IS NOT NULL AND NEW.withdrawn_at IS NULL; END;

CREATE TRIGGER signup_position_gone AFTER DELETE ON signup BEGIN UPDATE shift_position SET taken = taken - 1 WHERE id = OLD.position_id AND OLD.seated_at IS NOT NULL AND OLD.withdrawn_at IS NULL; END;

CREATE TRIGGER signup_position_made AFTER INSERT ON signup BEGIN UPDATE shift_position SET taken = taken + 1 WHERE id = NEW.position_id AND NEW.seated_at IS NOT NULL AND NEW.withdrawn_at IS NULL; END;

CREATE TRIGGER signup_seated_anew BEFORE UPDATE ON signup WHEN NEW.seated_at IS NOT NULL AND NEW.withdrawn_at IS NULL AND NEW.position_id IS NULL AND EXISTS (SELECT 1 FROM shift_position WHERE shift_id = NEW.shift_id) BEGIN SELECT RAISE(ABORT, 'a seat of a shift with positions is at one of them'); END;

CREATE TRIGGER signup_seated_somewhere BEFORE INSERT ON signup WHEN NEW.seated_at IS NOT NULL AND NEW.withdrawn_at IS NULL AND NEW.position_id IS NULL AND EXISTS (SELECT 1 FROM shift_position WHERE shift_id = NEW.shift_id) BEGIN SELECT RAISE(ABORT, 'a seat of a shift with positions is at one of them'); END;

CREATE TABLE spot_check (
	id INTEGER NOT NULL,
	number VARCHAR(20) NOT NULL,
	first_on DATE NOT NULL,
	last_on DATE NOT NULL,
	size INTEGER NOT NULL,
	seed VARCHAR(40) NOT NULL,
	source VARCHAR(80) NOT NULL,
	last_voucher INTEGER NOT NULL,
	population INTEGER NOT NULL,
	digest VARCHAR(64) NOT NULL,
	announced_at DATETIME NOT NULL,
	announced_by_id INTEGER NOT NULL,
	drawn_at DATETIME,
	drawn_by_id INTEGER,
	CONSTRAINT pk_spot_check PRIMARY KEY (id),
	CONSTRAINT ck_spot_check_dated CHECK (last_on >= first_on),
	CONSTRAINT ck_spot_check_size CHECK (size BETWEEN 1 AND population),
	CONSTRAINT ck_spot_check_words CHECK (seed <> '' AND source <> ''),
	CONSTRAINT ck_spot_check_digest CHECK (length(digest) = 64),
	CONSTRAINT ck_spot_check_drawn CHECK ((drawn_at IS NULL) = (drawn_by_id IS NULL)),
	CONSTRAINT fk_spot_check_announced_by_id_person FOREIGN KEY(announced_by_id) REFERENCES person (id),
	CONSTRAINT fk_spot_check_drawn_by_id_person FOREIGN KEY(drawn_by_id) REFERENCES person (id),
	CONSTRAINT uq_spot_check_number UNIQUE (number),
	CONSTRAINT uq_spot_check_seed UNIQUE (seed)
);

CREATE TRIGGER spot_check_announced BEFORE INSERT ON spot_check WHEN (
NEW.drawn_at IS NULL
AND NEW.last_voucher = (SELECT max(m.voucher_no) FROM fund_movement_entry m)
AND NEW.population = (SELECT count(*) FROM fund_movement_entry m
  WHERE m.line_no = 1 AND m.voucher_no <= NEW.last_voucher AND m.booked_on BETWEEN NEW.first_on AND NEW.last_on)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a spot check is of the books as they stand'); END;

CREATE TRIGGER spot_check_drawn BEFORE UPDATE OF drawn_at, drawn_by_id ON spot_check WHEN (
OLD.drawn_at IS NULL AND NEW.drawn_at IS NOT NULL AND NEW.drawn_at >= OLD.announced_at
AND OLD.size = (SELECT count(*) FROM spot_check_pick_entry p WHERE p.check_id = OLD.id)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a spot check is drawn once, in full'); END;

CREATE TRIGGER spot_check_fixed BEFORE UPDATE OF number, first_on, last_on, size, seed, source, last_voucher, population, digest, announced_at, announced_by_id ON spot_check WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'spot_check does not change'); END;

CREATE TRIGGER spot_check_kept BEFORE DELETE ON spot_check WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'spot_check is kept'); END;

CREATE TABLE spot_check_note_entry (
	id INTEGER NOT NULL,
	pick_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	step VARCHAR(32) NOT NULL,
	finding VARCHAR(32),
	words VARCHAR(500) NOT NULL,
	at DATETIME NOT NULL,
	by_id INTEGER NOT NULL,
	CONSTRAINT pk_spot_check_note_entry PRIMARY KEY (id),
	CONSTRAINT ck_spot_check_note_entry_finding CHECK ((step = 'found') = (finding IS NOT NULL)),
	CONSTRAINT ck_spot_check_note_entry_words CHECK (words <> '' OR (seq = 1 AND finding = 'fine')),
	CONSTRAINT fk_spot_check_note_entry_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_spot_check_note_entry_pick_id_spot_check_pick_entry FOREIGN KEY(pick_id) REFERENCES spot_check_pick_entry (id),
	CONSTRAINT uq_spot_check_note_entry_pick_id_seq UNIQUE (pick_id, seq),
	CONSTRAINT ck_spot_check_note_entry_spotcheckstep CHECK (step IN ('found', 'answered')),
	CONSTRAINT ck_spot_check_note_entry_spotcheckfinding CHECK (finding IN ('fine', 'question', 'fault'))
);

CREATE TRIGGER spot_check_note_entry_no_delete BEFORE DELETE ON spot_check_note_entry BEGIN SELECT RAISE(ABORT, 'spot_check_note_entry is append-only'); END;

CREATE TRIGGER spot_check_note_entry_no_update BEFORE UPDATE ON spot_check_note_entry BEGIN SELECT RAISE(ABORT, 'spot_check_note_entry is append-only'); END;

CREATE TRIGGER spot_check_said BEFORE INSERT ON spot_check_note_entry WHEN (
NEW.seq = (SELECT coalesce(max(n.seq), 0) + 1 FROM spot_check_note_entry n WHERE n.pick_id = NEW.pick_id)
AND EXISTS (SELECT 1 FROM spot_check_pick_entry p JOIN spot_check c ON c.id = p.check_id
  WHERE p.id = NEW.pick_id AND c.drawn_at IS NOT NULL)
AND (NEW.step = 'answered' OR NOT EXISTS (SELECT 1 FROM spot_check_pick_entry p
  JOIN fund_movement_entry m ON m.id = p.movement_id JOIN fund_step_entry s ON s.request_id = m.request_id
  WHERE p.id = NEW.pick_id AND (s.by_id = NEW.by_id OR s.for_id = NEW.by_id)))
AND (NEW.step = 'found' OR EXISTS (SELECT 1 FROM spot_check_note_entry n
  WHERE n.pick_id = NEW.pick_id AND n.seq = NEW.seq - 1 AND n.finding IN ('question', 'fault') AND n.by_id <> NEW.by_id))
AND (NEW.step = 'answered' OR NOT EXISTS (SELECT 1 FROM spot_check_note_entry n
  WHERE n.pick_id = NEW.pick_id AND n.seq = NEW.seq - 1 AND n.step = 'answered' AND n.by_id = NEW.by_id))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'spot_check_note_entry out of turn'); END;

CREATE TABLE spot_check_pick_entry (
	id INTEGER NOT NULL,
	check_id INTEGER NOT NULL,
	place INTEGER NOT NULL,
	movement_id INTEGER NOT NULL,
	fingerprint VARCHAR(64) NOT NULL,
	CONSTRAINT pk_spot_check_pick_entry PRIMARY KEY (id),
	CONSTRAINT ck_spot_check_pick_entry_fingerprint CHECK (place > 0 AND length(fingerprint) = 64),
	CONSTRAINT fk_spot_check_pick_entry_check_id_spot_check FOREIGN KEY(check_id) REFERENCES spot_check (id),
	CONSTRAINT fk_spot_check_pick_entry_movement_id_fund_movement_entry FOREIGN KEY(movement_id) REFERENCES fund_movement_entry (id),
	CONSTRAINT uq_spot_check_pick_entry_check_id_place UNIQUE (check_id, place),
	CONSTRAINT uq_spot_check_pick_entry_check_id_movement_id UNIQUE (check_id, movement_id)
);

CREATE INDEX ix_spot_check_pick_entry_movement ON spot_check_pick_entry (movement_id);

CREATE TRIGGER spot_check_pick_entry_no_delete BEFORE DELETE ON spot_check_pick_entry BEGIN SELECT RAISE(ABORT, 'spot_check_pick_entry is append-only'); END;

CREATE TRIGGER spot_check_pick_entry_no_update BEFORE UPDATE ON spot_check_pick_entry BEGIN SELECT RAISE(ABORT, 'spot_check_pick_entry is append-only'); END;

CREATE TRIGGER spot_check_picked BEFORE INSERT ON spot_check_pick_entry WHEN (
EXISTS (SELECT 1 FROM spot_check c JOIN fund_movement_entry m ON m.id = NEW.movement_id
  WHERE c.id = NEW.check_id AND c.drawn_at IS NULL AND NEW.place <= c.size
  AND m.line_no = 1 AND m.voucher_no <= c.last_voucher AND m.booked_on BETWEEN c.first_on AND c.last_on)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'not an entry of what was announced'); END;

CREATE TABLE stage (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	began_on DATE NOT NULL,
	CONSTRAINT pk_stage PRIMARY KEY (id),
	CONSTRAINT fk_stage_person_id_person FOREIGN KEY(person_id) REFERENCES person (id),
	CONSTRAINT uq_stage_person_id_kind_began_on UNIQUE (person_id, kind, began_on),
	CONSTRAINT ck_stage_stagekind CHECK (kind IN ('masses', 'applicant', 'activist', 'candidate', 'probationary', 'member'))
);

CREATE INDEX ix_stage_kind ON stage (kind, began_on);

CREATE TRIGGER stage_of_who_is_erased BEFORE INSERT ON stage WHEN (NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.erased_at IS NOT NULL)) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'this person was erased'); END;

CREATE TABLE total_mark (
	total VARCHAR(40) NOT NULL,
	owner_id INTEGER NOT NULL,
	part INTEGER NOT NULL,
	mark INTEGER NOT NULL,
	CONSTRAINT pk_total_mark PRIMARY KEY (total, owner_id, part),
	CONSTRAINT fk_total_mark_total_total_mark_base FOREIGN KEY(total) REFERENCES total_mark_base (total) ON DELETE CASCADE
);

CREATE TABLE total_mark_base (
	total VARCHAR(40) NOT NULL,
	upto INTEGER NOT NULL,
	seed INTEGER NOT NULL,
	CONSTRAINT pk_total_mark_base PRIMARY KEY (total)
);

CREATE TABLE unit (
	id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	name VARCHAR(80) NOT NULL,
	opened_on DATE NOT NULL,
	closed_on DATE,
	CONSTRAINT pk_unit PRIMARY KEY (id),
	CONSTRAINT ck_unit_unitkind CHECK (kind IN ('subdistrict', 'community', 'general_branch', 'branch', 'group', 'team', 'neighbours', 'self_governance', 'society', 'owners_committee'))
);

CREATE INDEX ix_unit_name ON unit (name);

CREATE TABLE unit_ancestry (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	ancestor_id INTEGER NOT NULL,
	depth INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	CONSTRAINT pk_unit_ancestry PRIMARY KEY (id),
	CONSTRAINT ck_unit_ancestry_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_unit_ancestry_ancestor_id_unit FOREIGN KEY(ancestor_id) REFERENCES unit (id),
	CONSTRAINT fk_unit_ancestry_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_unit_ancestry_down ON unit_ancestry (ancestor_id, unit_id, valid_from, valid_to);

CREATE INDEX ix_unit_ancestry_up ON unit_ancestry (unit_id, ancestor_id);

CREATE UNIQUE INDEX uq_unit_ancestry_open ON unit_ancestry (unit_id, ancestor_id) WHERE valid_to IS NULL;

CREATE TABLE unit_name (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	name VARCHAR(80) NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE NOT NULL,
	CONSTRAINT pk_unit_name PRIMARY KEY (id),
	CONSTRAINT ck_unit_name_dated CHECK (valid_to >= valid_from),
	CONSTRAINT fk_unit_name_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_unit_name_name ON unit_name (name);

CREATE INDEX ix_unit_name_unit_id ON unit_name (unit_id);

CREATE TABLE unit_parent (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	parent_id INTEGER NOT NULL,
	valid_from DATE NOT NULL,
	valid_to DATE,
	CONSTRAINT pk_unit_parent PRIMARY KEY (id),
	CONSTRAINT ck_unit_parent_not_itself CHECK (unit_id <> parent_id),
	CONSTRAINT ck_unit_parent_dated CHECK (valid_to IS NULL OR valid_to >= valid_from),
	CONSTRAINT fk_unit_parent_parent_id_unit FOREIGN KEY(parent_id) REFERENCES unit (id),
	CONSTRAINT fk_unit_parent_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id)
);

CREATE INDEX ix_unit_parent_parent_id ON unit_parent (parent_id);

CREATE INDEX ix_unit_parent_unit_id ON unit_parent (unit_id);

CREATE UNIQUE INDEX uq_unit_parent_open ON unit_parent (unit_id) WHERE valid_to IS NULL;

CREATE TRIGGER unit_parent_changed AFTER UPDATE OF unit_id, parent_id, valid_from, valid_to ON unit_parent BEGIN
SELECT RAISE(ABORT, 'unit has itself above it') WHERE EXISTS (
WITH RECURSIVE up (node, since, until) AS (
  SELECT NEW.parent_id, NEW.valid_from, coalesce(NEW.valid_to, '9999-12-31')
  UNION
  SELECT p.parent_id, max(up.since, p.valid_from), min(up.until, coalesce(p.valid_to, '9999-12-31'))
  FROM up JOIN unit_parent p ON p.unit_id = up.node
  WHERE p.valid_from < up.until AND coalesce(p.valid_to, '9999-12-31') > up.since AND up.since < up.until
)
SELECT 1 FROM up WHERE node = NEW.unit_id AND since < until
);
SELECT RAISE(ABORT, 'unit already has a parent on these days') WHERE EXISTS (
SELECT 1 FROM unit_parent p WHERE p.unit_id = NEW.unit_id AND p.id <> NEW.id
AND p.valid_from < coalesce(NEW.valid_to, '9999-12-31') AND coalesce(p.valid_to, '9999-12-31') > NEW.valid_from
AND p.valid_from < coalesce(p.valid_to, '9999-12-31') AND NEW.valid_from < coalesce(NEW.valid_to, '9999-12-31')
);
SELECT RAISE(ABORT, 'unit is closed, or its parent is') WHERE EXISTS (SELECT 1 FROM unit WHERE id IN (NEW.unit_id, NEW.parent_id) AND closed_on IS NOT NULL AND NEW.valid_to IS NULL);
END;

CREATE TRIGGER unit_parent_new AFTER INSERT ON unit_parent BEGIN
SELECT RAISE(ABORT, 'unit has itself above it') WHERE EXISTS (
WITH RECURSIVE up (node, since, until) AS (
  SELECT NEW.parent_id, NEW.valid_from, coalesce(NEW.valid_to, '9999-12-31')
  UNION
  SELECT p.parent_id, max(up.since, p.valid_from), min(up.until, coalesce(p.valid_to, '9999-12-31'))
  FROM up JOIN unit_parent p ON p.unit_id = up.node
  WHERE p.valid_from < up.until AND coalesce(p.valid_to, '9999-12-31') > up.since AND up.since < up.until
)
SELECT 1 FROM up WHERE node = NEW.unit_id AND since < until
);
SELECT RAISE(ABORT, 'unit already has a parent on these days') WHERE EXISTS (
SELECT 1 FROM unit_parent p WHERE p.unit_id = NEW.unit_id AND p.id <> NEW.id
AND p.valid_from < coalesce(NEW.valid_to, '9999-12-31') AND coalesce(p.valid_to, '9999-12-31') > NEW.valid_from
AND p.valid_from < coalesce(p.valid_to, '9999-12-31') AND NEW.valid_from < coalesce(NEW.valid_to, '9999-12-31')
);
SELECT RAISE(ABORT, 'unit is closed, or its parent is') WHERE EXISTS (SELECT 1 FROM unit WHERE id IN (NEW.unit_id, NEW.parent_id) AND closed_on IS NOT NULL AND NEW.valid_to IS NULL);
END;

CREATE TABLE wish (
	id INTEGER NOT NULL,
	number VARCHAR(20) NOT NULL,
	unit_id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	whom VARCHAR(32) NOT NULL,
	way VARCHAR(32) NOT NULL,
	cost BIGINT,
	title VARCHAR(30) DEFAULT '' NOT NULL,
	words VARCHAR(200) DEFAULT '' NOT NULL,
	source_unit_id INTEGER,
	own_id INTEGER,
	told_by_id INTEGER,
	told_at DATETIME NOT NULL,
	told_on DATE NOT NULL,
	form_key VARCHAR(32),
	device_hash VARCHAR(64),
	slot INTEGER,
	project_id INTEGER,
	veiled_at DATETIME,
	veiled_by_id INTEGER,
	state VARCHAR(32),
	steps INTEGER DEFAULT '0' NOT NULL,
	state_at DATETIME,
	state_on DATE,
	last_by_id INTEGER,
	published_on DATE,
	ended_on DATE,
	CONSTRAINT pk_wish PRIMARY KEY (id),
	CONSTRAINT ck_wish_device CHECK ((way = 'form') = (device_hash IS NOT NULL)),
	CONSTRAINT ck_wish_told_by CHECK ((way = 'form') = (told_by_id IS NULL)),
	CONSTRAINT ck_wish_own CHECK ((way = 'signed') = (own_id IS NOT NULL)),
	CONSTRAINT ck_wish_source CHECK ((way = 'unit') = (source_unit_id IS NOT NULL)),
	CONSTRAINT ck_wish_slot CHECK ((device_hash IS NULL) = (slot IS NULL) AND (slot IS NULL OR slot BETWEEN 1 AND 3)),
	CONSTRAINT ck_wish_veiled CHECK ((veiled_at IS NULL) = (veiled_by_id IS NULL)),
	CONSTRAINT ck_wish_cost CHECK (cost > 0),
	CONSTRAINT fk_wish_last_by_id_person FOREIGN KEY(last_by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_own_id_person FOREIGN KEY(own_id) REFERENCES person (id),
	CONSTRAINT fk_wish_project_id_fund_project FOREIGN KEY(project_id) REFERENCES fund_project (id),
	CONSTRAINT fk_wish_source_unit_id_unit FOREIGN KEY(source_unit_id) REFERENCES unit (id),
	CONSTRAINT fk_wish_told_by_id_person FOREIGN KEY(told_by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT fk_wish_veiled_by_id_person FOREIGN KEY(veiled_by_id) REFERENCES person (id),
	CONSTRAINT uq_wish_device_hash_told_on_slot UNIQUE (device_hash, told_on, slot),
	CONSTRAINT uq_wish_form_key UNIQUE (form_key),
	CONSTRAINT uq_wish_number UNIQUE (number),
	CONSTRAINT ck_wish_wishkind CHECK (kind IN ('thing', 'help', 'company', 'repair', 'study', 'other')),
	CONSTRAINT ck_wish_forwhom CHECK (whom IN ('elder', 'child', 'disabled', 'ill', 'family', 'newcomer', 'group', 'other')),
	CONSTRAINT ck_wish_wishway CHECK (way IN ('form', 'signed', 'phone', 'paper', 'visit', 'unit')),
	CONSTRAINT ck_wish_wishstep CHECK (state IN ('told', 'verified', 'published', 'claimed', 'connected', 'fulfilled', 'thanked', 'lapsed', 'released', 'returned', 'declined', 'withdrawn'))
);

CREATE INDEX ix_wish_own ON wish (own_id);

CREATE INDEX ix_wish_project ON wish (project_id);

CREATE INDEX ix_wish_state ON wish (state, published_on);

CREATE INDEX ix_wish_unit ON wish (unit_id, state);

CREATE TRIGGER wish_begins BEFORE INSERT ON wish WHEN (NEW.state IS NULL AND NEW.steps = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a wish begins with its first step'); END;

CREATE TRIGGER wish_fixed BEFORE UPDATE OF number, unit_id, way, source_unit_id, own_id, told_by_id, told_at, told_on, form_key, device_hash, slot ON wish WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish does not change'); END;

CREATE TRIGGER wish_follows BEFORE UPDATE OF state, steps, state_at, state_on, last_by_id, published_on, ended_on ON wish WHEN (
EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.wish_id = NEW.id AND s.seq = NEW.steps AND s.step = NEW.state AND s.at = NEW.state_at
  AND s.happened_on = NEW.state_on AND coalesce(s.by_id, 0) = coalesce(NEW.last_by_id, 0))
AND NEW.steps = (SELECT max(s.seq) FROM wish_step_entry s WHERE s.wish_id = NEW.id)
AND coalesce(NEW.published_on, '9999-12-31') = coalesce(
  (SELECT min(s.happened_on) FROM wish_step_entry s WHERE s.wish_id = NEW.id AND s.step = 'published'), '9999-12-31')
AND (NEW.ended_on IS NULL) = (NEW.state NOT IN ('thanked', 'declined', 'withdrawn'))
AND (NEW.ended_on IS NULL OR NEW.ended_on = NEW.state_on)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the state of a wish follows from its steps'); END;

CREATE TRIGGER wish_kept BEFORE DELETE ON wish WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish is kept'); END;

CREATE TRIGGER wish_own_project BEFORE UPDATE OF project_id ON wish WHEN ((NEW.project_id IS NULL OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.kind = 'wish')) AND NOT
EXISTS (SELECT 1 FROM wish_payment y JOIN fund_request r ON r.id = y.request_id
  WHERE y.wish_id = NEW.id AND y.removed_at IS NULL AND r.project_id <> coalesce(NEW.project_id, 0))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'no such project'); END;

CREATE TRIGGER wish_veil BEFORE UPDATE OF veiled_at, veiled_by_id ON wish WHEN (OLD.veiled_at IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what is veiled stays so'); END;

CREATE TRIGGER wish_worded BEFORE UPDATE OF title, words, kind, whom, cost ON wish WHEN (OLD.state IN ('told', 'returned')) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'these words were verified'); END;

CREATE TABLE wish_claim (
	id INTEGER NOT NULL,
	wish_id INTEGER NOT NULL,
	kind VARCHAR(32) NOT NULL,
	by_id INTEGER,
	unit_id INTEGER,
	name VARCHAR(40) DEFAULT '' NOT NULL,
	phone VARCHAR(20) DEFAULT '' NOT NULL,
	donor_digest VARCHAR(64),
	claimed_at DATETIME NOT NULL,
	claimed_on DATE NOT NULL,
	due_on DATE NOT NULL,
	form_key VARCHAR(32),
	device_hash VARCHAR(64),
	slot INTEGER NOT NULL,
	connected_on DATE,
	ended_on DATE,
	erased_at DATETIME,
	CONSTRAINT pk_wish_claim PRIMARY KEY (id),
	CONSTRAINT ck_wish_claim_digest CHECK ((kind = 'donor') = (donor_digest IS NOT NULL)),
	CONSTRAINT ck_wish_claim_unit CHECK ((kind = 'unit') = (unit_id IS NOT NULL)),
	CONSTRAINT ck_wish_claim_erased CHECK (erased_at IS NULL OR (name = '' AND phone = '')),
	CONSTRAINT ck_wish_claim_donor CHECK (kind <> 'donor' OR erased_at IS NOT NULL OR (name <> '' AND phone <> '')),
	CONSTRAINT ck_wish_claim_contact CHECK (kind = 'donor' OR (name = '' AND phone = '')),
	CONSTRAINT ck_wish_claim_by CHECK (kind = 'donor' OR by_id IS NOT NULL),
	CONSTRAINT ck_wish_claim_device CHECK ((by_id IS NULL) = (device_hash IS NOT NULL)),
	CONSTRAINT ck_wish_claim_connected CHECK (connected_on IS NULL OR connected_on BETWEEN claimed_on AND due_on),
	CONSTRAINT ck_wish_claim_due CHECK (due_on >= claimed_on),
	CONSTRAINT ck_wish_claim_ended CHECK (ended_on IS NULL OR ended_on >= claimed_on),
	CONSTRAINT ck_wish_claim_slot CHECK (slot BETWEEN 1 AND 3),
	CONSTRAINT fk_wish_claim_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_claim_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT fk_wish_claim_wish_id_wish FOREIGN KEY(wish_id) REFERENCES wish (id),
	CONSTRAINT uq_wish_claim_device_hash_claimed_on_slot UNIQUE (device_hash, claimed_on, slot),
	CONSTRAINT uq_wish_claim_form_key UNIQUE (form_key),
	CONSTRAINT ck_wish_claim_wishclaimkind CHECK (kind IN ('person', 'unit', 'donor'))
);

CREATE INDEX ix_wish_claim_wish ON wish_claim (wish_id, claimed_on);

CREATE UNIQUE INDEX uq_wish_claim_donor ON wish_claim (donor_digest) WHERE ended_on IS NULL AND connected_on IS NULL;

CREATE UNIQUE INDEX uq_wish_claim_standing ON wish_claim (wish_id) WHERE ended_on IS NULL;

CREATE UNIQUE INDEX uq_wish_claim_waiting ON wish_claim (by_id, slot) WHERE ended_on IS NULL AND connected_on IS NULL;

CREATE TRIGGER wish_claim_begins BEFORE INSERT ON wish_claim WHEN (NEW.connected_on IS NULL AND NEW.ended_on IS NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a claim begins at its beginning'); END;

CREATE TRIGGER wish_claim_days BEFORE UPDATE OF connected_on, ended_on ON wish_claim WHEN (
(NEW.connected_on IS NULL OR EXISTS (SELECT 1 FROM wish_step_entry s
  WHERE s.claim_id = NEW.id AND s.step = 'connected' AND s.happened_on = NEW.connected_on))
AND (OLD.connected_on IS NULL OR NEW.connected_on = OLD.connected_on)
AND (NEW.ended_on IS NULL OR EXISTS (SELECT 1 FROM wish_step_entry s
  WHERE s.claim_id = NEW.id AND s.step IN ('lapsed', 'released', 'withdrawn') AND s.happened_on = NEW.ended_on))
AND (OLD.ended_on IS NULL OR NEW.ended_on = OLD.ended_on)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'the days of a claim follow from its steps'); END;

CREATE TRIGGER wish_claim_erased BEFORE UPDATE OF name, phone ON wish_claim WHEN (NEW.erased_at IS NOT NULL) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'a contact is only erased'); END;

CREATE TRIGGER wish_claim_fixed BEFORE UPDATE OF wish_id, kind, by_id, unit_id, donor_digest, claimed_at, claimed_on, due_on, form_key, device_hash, slot ON wish_claim WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish_claim does not change'); END;

CREATE TRIGGER wish_claim_forgotten AFTER UPDATE OF ended_on ON wish_claim WHEN NEW.ended_on IS NOT NULL AND NEW.kind = 'donor' AND NEW.erased_at IS NULL BEGIN UPDATE wish_claim SET name = '', phone = '', erased_at = (SELECT s.at FROM wish_step_entry s WHERE s.claim_id = NEW.id AND s.step IN ('lapsed', 'released', 'withdrawn')) WHERE id = NEW.id; END;

CREATE TRIGGER wish_claim_kept BEFORE DELETE ON wish_claim WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish_claim is kept'); END;

CREATE TABLE wish_consent (
	id INTEGER NOT NULL,
	wish_id INTEGER NOT NULL,
	agreed_at DATETIME NOT NULL,
	asked_by_id INTEGER NOT NULL,
	withdrawn_at DATETIME,
	withdrawn_by_id INTEGER,
	CONSTRAINT pk_wish_consent PRIMARY KEY (id),
	CONSTRAINT ck_wish_consent_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)),
	CONSTRAINT fk_wish_consent_asked_by_id_person FOREIGN KEY(asked_by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_consent_wish_id_wish FOREIGN KEY(wish_id) REFERENCES wish (id),
	CONSTRAINT fk_wish_consent_withdrawn_by_id_person FOREIGN KEY(withdrawn_by_id) REFERENCES person (id)
);

CREATE UNIQUE INDEX uq_wish_consent_standing ON wish_consent (wish_id) WHERE withdrawn_at IS NULL;

CREATE TRIGGER wish_consent_fixed BEFORE UPDATE ON wish_consent WHEN (
OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND NEW.wish_id = OLD.wish_id AND NEW.agreed_at = OLD.agreed_at
AND NEW.asked_by_id = OLD.asked_by_id
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'consent is only withdrawn'); END;

CREATE TRIGGER wish_consent_given BEFORE INSERT ON wish_consent WHEN (
NEW.withdrawn_at IS NULL
AND EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND w.state = 'thanked' AND coalesce(w.own_id, 0) <> NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_claim c WHERE c.wish_id = NEW.wish_id AND c.ended_on IS NULL AND c.by_id = NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_photo p WHERE p.wish_id = NEW.wish_id AND p.removed_at IS NULL AND p.agreed_at IS NOT NULL
  AND p.added_by_id = NEW.asked_by_id)
AND NOT EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.wish_id = NEW.wish_id AND s.step = 'fulfilled' AND s.by_id = NEW.asked_by_id
  AND s.seq = (SELECT max(t.seq) FROM wish_step_entry t WHERE t.wish_id = NEW.wish_id AND t.step = 'fulfilled'))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'consent is asked for by another'); END;

CREATE TRIGGER wish_consent_kept BEFORE DELETE ON wish_consent WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'consent is withdrawn, not deleted'); END;

CREATE TABLE wish_payment (
	id INTEGER NOT NULL,
	wish_id INTEGER NOT NULL,
	request_id INTEGER NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	removed_at DATETIME,
	removed_by_id INTEGER,
	reason VARCHAR(200) DEFAULT '' NOT NULL,
	CONSTRAINT pk_wish_payment PRIMARY KEY (id),
	CONSTRAINT ck_wish_payment_reason CHECK (removed_at IS NULL OR reason <> ''),
	CONSTRAINT ck_wish_payment_removed CHECK ((removed_at IS NULL) = (removed_by_id IS NULL)),
	CONSTRAINT fk_wish_payment_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_payment_removed_by_id_person FOREIGN KEY(removed_by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_payment_request_id_fund_request FOREIGN KEY(request_id) REFERENCES fund_request (id),
	CONSTRAINT fk_wish_payment_wish_id_wish FOREIGN KEY(wish_id) REFERENCES wish (id)
);

CREATE INDEX ix_wish_payment_request ON wish_payment (request_id);

CREATE UNIQUE INDEX uq_wish_payment_standing ON wish_payment (wish_id, request_id) WHERE removed_at IS NULL;

CREATE TRIGGER wish_payment_fixed BEFORE UPDATE OF wish_id, request_id, made_by_id, made_at ON wish_payment WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish_payment does not change'); END;

CREATE TRIGGER wish_payment_kept BEFORE DELETE ON wish_payment WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish_payment is removed, not deleted'); END;

CREATE TRIGGER wish_payment_made BEFORE INSERT ON wish_payment WHEN (
EXISTS (SELECT 1 FROM fund_request r JOIN wish w ON w.id = NEW.wish_id
  WHERE r.id = NEW.request_id AND r.kind = 'payment' AND r.project_id = w.project_id)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'not a payment of the wish''s project'); END;

CREATE TABLE wish_photo (
	id INTEGER NOT NULL,
	wish_id INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	name VARCHAR(32) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	alt VARCHAR(80) NOT NULL,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	agreed_at DATETIME,
	added_at DATETIME NOT NULL,
	added_by_id INTEGER NOT NULL,
	removed_at DATETIME,
	removed_by_id INTEGER,
	CONSTRAINT pk_wish_photo PRIMARY KEY (id),
	CONSTRAINT ck_wish_photo_alt CHECK (alt <> ''),
	CONSTRAINT ck_wish_photo_removed CHECK ((removed_at IS NULL) = (removed_by_id IS NULL)),
	CONSTRAINT ck_wish_photo_slot CHECK (slot BETWEEN 1 AND 3),
	CONSTRAINT ck_wish_photo_size CHECK (width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600),
	CONSTRAINT fk_wish_photo_added_by_id_person FOREIGN KEY(added_by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_photo_removed_by_id_person FOREIGN KEY(removed_by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_photo_wish_id_wish FOREIGN KEY(wish_id) REFERENCES wish (id),
	CONSTRAINT uq_wish_photo_name UNIQUE (name)
);

CREATE UNIQUE INDEX uq_wish_photo_digest ON wish_photo (wish_id, digest) WHERE removed_at IS NULL;

CREATE UNIQUE INDEX uq_wish_photo_slot ON wish_photo (wish_id, slot) WHERE removed_at IS NULL;

CREATE TRIGGER wish_photo_in_time BEFORE INSERT ON wish_photo WHEN (EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND w.state IN ('connected', 'fulfilled'))) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'photos come before the call back'); END;

CREATE TRIGGER wish_photo_kept BEFORE DELETE ON wish_photo WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish_photo is removed, not deleted'); END;

CREATE TABLE wish_private (
	wish_id INTEGER NOT NULL,
	words VARCHAR(600) NOT NULL,
	name VARCHAR(40) NOT NULL,
	phone VARCHAR(20) NOT NULL,
	place VARCHAR(120) NOT NULL,
	erased_at DATETIME,
	CONSTRAINT pk_wish_private PRIMARY KEY (wish_id),
	CONSTRAINT ck_wish_private_words CHECK (erased_at IS NOT NULL OR words <> ''),
	CONSTRAINT ck_wish_private_erased CHECK (erased_at IS NULL OR (words = '' AND name = '' AND phone = '' AND place = '')),
	CONSTRAINT fk_wish_private_wish_id_wish FOREIGN KEY(wish_id) REFERENCES wish (id)
);

CREATE INDEX ix_wish_private_kept ON wish_private (wish_id) WHERE erased_at IS NULL;

CREATE TRIGGER wish_private_kept BEFORE DELETE ON wish_private WHEN (1 = 0) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish_private is erased, not deleted'); END;

CREATE TRIGGER wish_private_update BEFORE UPDATE ON wish_private WHEN (OLD.erased_at IS NULL AND NEW.wish_id = OLD.wish_id) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'what is erased stays so'); END;

CREATE TABLE wish_round (
	id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	name VARCHAR(40) NOT NULL,
	opens_on DATE NOT NULL,
	closes_on DATE NOT NULL,
	made_by_id INTEGER NOT NULL,
	made_at DATETIME NOT NULL,
	CONSTRAINT pk_wish_round PRIMARY KEY (id),
	CONSTRAINT ck_wish_round_named CHECK (name <> ''),
	CONSTRAINT ck_wish_round_dated CHECK (closes_on >= opens_on),
	CONSTRAINT fk_wish_round_made_by_id_person FOREIGN KEY(made_by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_round_unit_id_unit FOREIGN KEY(unit_id) REFERENCES unit (id),
	CONSTRAINT uq_wish_round_unit_id_opens_on UNIQUE (unit_id, opens_on)
);

CREATE TRIGGER wish_round_apart BEFORE INSERT ON wish_round WHEN (
NOT EXISTS (SELECT 1 FROM wish_round r WHERE r.unit_id = NEW.unit_id AND r.id <> coalesce(NEW.id, 0)
  AND r.opens_on <= NEW.closes_on AND NEW.opens_on <= r.closes_on)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'rounds of a unit do not overlap'); END;

CREATE TRIGGER wish_round_moved BEFORE UPDATE ON wish_round WHEN (
NOT EXISTS (SELECT 1 FROM wish_round r WHERE r.unit_id = NEW.unit_id AND r.id <> coalesce(NEW.id, 0)
  AND r.opens_on <= NEW.closes_on AND NEW.opens_on <= r.closes_on)
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'rounds of a unit do not overlap'); END;

CREATE TABLE wish_step_entry (
	id INTEGER NOT NULL,
	wish_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	step VARCHAR(32) NOT NULL,
	at DATETIME NOT NULL,
	happened_on DATE NOT NULL,
	by_id INTEGER,
	claim_id INTEGER,
	note VARCHAR(200) DEFAULT '' NOT NULL,
	reference VARCHAR(60) DEFAULT '' NOT NULL,
	CONSTRAINT pk_wish_step_entry PRIMARY KEY (id),
	CONSTRAINT ck_wish_step_entry_by CHECK (by_id IS NOT NULL OR step IN ('told', 'claimed', 'lapsed')),
	CONSTRAINT ck_wish_step_entry_claim CHECK (claim_id IS NOT NULL OR step NOT IN ('claimed', 'connected', 'fulfilled', 'thanked', 'lapsed', 'released')),
	CONSTRAINT ck_wish_step_entry_note CHECK (step NOT IN ('released', 'returned', 'declined', 'withdrawn', 'fulfilled') OR note <> ''),
	CONSTRAINT fk_wish_step_entry_by_id_person FOREIGN KEY(by_id) REFERENCES person (id),
	CONSTRAINT fk_wish_step_entry_claim_id_wish_claim FOREIGN KEY(claim_id) REFERENCES wish_claim (id),
	CONSTRAINT fk_wish_step_entry_wish_id_wish FOREIGN KEY(wish_id) REFERENCES wish (id),
	CONSTRAINT uq_wish_step_entry_wish_id_seq UNIQUE (wish_id, seq),
	CONSTRAINT ck_wish_step_entry_wishstep CHECK (step IN ('told', 'verified', 'published', 'claimed', 'connected', 'fulfilled', 'thanked', 'lapsed', 'released', 'returned', 'declined', 'withdrawn'))
);

CREATE INDEX ix_wish_step_entry_claim ON wish_step_entry (claim_id);

CREATE TRIGGER wish_step_entry_no_delete BEFORE DELETE ON wish_step_entry BEGIN SELECT RAISE(ABORT, 'wish_step_entry is append-only'); END;

CREATE TRIGGER wish_step_entry_no_update BEFORE UPDATE ON wish_step_entry BEGIN SELECT RAISE(ABORT, 'wish_step_entry is append-only'); END;

CREATE TRIGGER wish_step_followed AFTER INSERT ON wish_step_entry BEGIN UPDATE wish SET state = NEW.step, steps = NEW.seq, state_at = NEW.at, state_on = NEW.happened_on, last_by_id = NEW.by_id, published_on = CASE WHEN NEW.step = 'published' THEN coalesce(published_on, NEW.happened_on) ELSE published_on END, ended_on = CASE WHEN NEW.step IN ('thanked', 'declined', 'withdrawn') THEN NEW.happened_on END WHERE id = NEW.wish_id; UPDATE wish_claim SET connected_on = coalesce(connected_on, NEW.happened_on) WHERE id = NEW.claim_id AND NEW.step = 'connected'; UPDATE wish_claim SET ended_on = NEW.happened_on WHERE id = NEW.claim_id AND NEW.step IN ('lapsed', 'released', 'withdrawn'); END;

CREATE TRIGGER wish_step_order BEFORE INSERT ON wish_step_entry WHEN (
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM wish_step_entry s WHERE s.wish_id = NEW.wish_id)
AND (NEW.happened_on = date(NEW.at, '+8 hours') OR (NEW.step = 'lapsed' AND NEW.happened_on <= date(NEW.at, '+8 hours')))
AND EXISTS (SELECT 1 FROM wish w WHERE w.id = NEW.wish_id AND (
(w.state IS NULL AND NEW.step = 'told')
OR (w.state = 'returned' AND NEW.step = 'told' AND NEW.by_id IS NOT NULL)
OR (w.state = 'told' AND NEW.step IN ('verified', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'verified' AND NEW.step IN ('published', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'returned' AND NEW.step IN ('declined', 'withdrawn'))
OR (w.state IN ('published', 'lapsed', 'released') AND NEW.step IN ('claimed', 'returned', 'declined', 'withdrawn'))
OR (w.state = 'claimed' AND NEW.step IN ('connected', 'lapsed', 'released', 'withdrawn'))
OR (w.state = 'connected' AND NEW.step IN ('fulfilled', 'released', 'withdrawn'))
OR (w.state = 'fulfilled' AND NEW.step IN ('thanked', 'connected'))
)
  AND (w.state IS NOT NULL OR coalesce(NEW.by_id, 0) = coalesce(w.told_by_id, 0))
  AND (coalesce(w.own_id, 0) <> coalesce(NEW.by_id, -1) OR NEW.step IN ('told', 'released', 'withdrawn'))
  AND (NEW.step NOT IN ('verified', 'published', 'thanked') OR coalesce(w.last_by_id, 0) <> NEW.by_id)
  AND (NEW.step NOT IN ('verified', 'published') OR (w.title <> '' AND w.words <> ''))
  AND (NEW.step <> 'withdrawn' OR NEW.claim_id IS NOT NULL OR w.state NOT IN ('claimed', 'connected'))
  AND (NEW.step <> 'connected' OR w.state <> 'fulfilled' OR NEW.note <> '')
  AND (NEW.step <> 'claimed' OR
NOT EXISTS (SELECT 1 FROM wish_round r JOIN unit_ancestry a ON a.ancestor_id = r.unit_id AND a.unit_id = w.unit_id
  AND a.valid_from <= NEW.happened_on AND (a.valid_to IS NULL OR a.valid_to > NEW.happened_on))
OR EXISTS (SELECT 1 FROM wish_round r JOIN unit_ancestry a ON a.ancestor_id = r.unit_id AND a.unit_id = w.unit_id
  AND a.valid_from <= NEW.happened_on AND (a.valid_to IS NULL OR a.valid_to > NEW.happened_on)
  WHERE NEW.happened_on BETWEEN r.opens_on AND r.closes_on)
))
AND (NEW.claim_id IS NULL OR EXISTS (SELECT 1 FROM wish_claim c WHERE c.id = NEW.claim_id AND c.wish_id = NEW.wish_id
  AND c.ended_on IS NULL
  AND (NEW.step = 'claimed') = (NOT EXISTS (SELECT 1 FROM wish_step_entry s WHERE s.claim_id = c.id))
  AND (NEW.step <> 'claimed' OR (coalesce(c.by_id, 0) = coalesce(NEW.by_id, 0) AND c.claimed_on = NEW.happened_on))
  AND (NEW.step NOT IN ('connected', 'thanked') OR coalesce(c.by_id, 0) <> NEW.by_id)
  AND (NEW.step <> 'connected' OR c.connected_on IS NOT NULL OR NEW.happened_on <= c.due_on)
  AND (NEW.step <> 'lapsed' OR (c.connected_on IS NULL AND NEW.happened_on > c.due_on AND NEW.by_id IS NULL))))
AND (NEW.step <> 'fulfilled' OR NEW.reference <> ''
  OR EXISTS (SELECT 1 FROM wish_photo p WHERE p.wish_id = NEW.wish_id AND p.agreed_at IS NOT NULL AND p.removed_at IS NULL))
) IS NOT TRUE BEGIN SELECT RAISE(ABORT, 'wish_step_entry out of order'); END;

