"""Salesforce's status codes as data: what each means, what to do about it, who does it, and how the engine reacts.

The one home of what we know about a code. The names and meanings follow Salesforce's own lists ("StatusCode" of the
SOAP API, error codes of the REST API). A code that is not here is held and quoted, not hammered.

`Scope.ROW` codes come with one record of a call, `Scope.CALL` codes refuse a whole call; some come both ways and stand
under the one that is seen in practice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Reaction(StrEnum):
    """What to do about one refused row."""

    RETRY = "retry"
    SPLIT = "split"
    PARENT = "parent"
    READ_BACK = "read back"
    GONE = "gone"
    HOLD = "hold"
    ALONG = "along"


class Who(StrEnum):
    """Who can cure it."""

    KEEPER = "keeper"
    THERE = "there"
    HERE = "here"
    NOBODY = "nobody"

    @property
    def words(self) -> str:
        """The person, as the page says it."""
        return _WHO[self]


_WHO = {
    Who.KEEPER: "whoever keeps the record here",
    Who.THERE: "your Salesforce administrator",
    Who.HERE: "an administrator of PRM",
    Who.NOBODY: "nobody: it goes by itself",
}


class Scope(StrEnum):
    """What a code refuses."""

    ROW = "row"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Code:
    """One status code. `meaning` and `advice` are sentences for people; `who` does what is advised."""

    code: str
    reaction: Reaction
    who: Who
    meaning: str
    advice: str
    scope: Scope = Scope.ROW


_R, _S, _H, _A = Reaction.RETRY, Reaction.SPLIT, Reaction.HOLD, Reaction.ALONG
_KEEPER, _THERE, _HERE, _NOBODY = Who.KEEPER, Who.THERE, Who.HERE, Who.NOBODY


def _rows(
    reaction: Reaction, who: Who, *known: tuple[str, str, str], scope: Scope = Scope.ROW
) -> Iterable[Code]:
    return (Code(code, reaction, who, meaning, advice, scope) for code, meaning, advice in known)


_KNOWN: tuple[Code, ...] = (
    # --- values that the record itself must change ------------------------------------------------
    *_rows(
        _H,
        _KEEPER,
        ("REQUIRED_FIELD_MISSING",
         "A field that Salesforce requires is empty.",
         "Fill the field here, or make it optional in Salesforce."),
        ("STRING_TOO_LONG",
         "A text is longer than its field in Salesforce.",
         "Shorten the text here."),
        ("INVALID_EMAIL_ADDRESS",
         "Salesforce does not take this for an e-mail address.",
         "Correct the address here."),
        ("NUMBER_OUTSIDE_VALID_RANGE",
         "A number has more digits than its field in Salesforce takes.",
         "Correct the number here, or widen the field in Salesforce."),
        ("INVALID_TYPE_ON_FIELD_IN_RECORD",
         "A value has another type than its field in Salesforce.",
         "Correct the value here. If all records are refused, the field was changed in Salesforce: run the set-up again."),
        ("MALFORMED_ID",
         "A reference is no Salesforce id.",
         "Choose the reference here again; if it stays, write to whoever looks after PRM."),
        ("CIRCULAR_DEPENDENCY",
         "The record would belong to itself, through those it belongs to.",
         "Correct here which organisation belongs to which."),
        ("INVALID_CURRENCY_ISO",
         "The organisation does not know this currency.",
         "Use a currency of the organisation, or add this one in Salesforce."),
        ("TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET",
         "A text holds a character that Salesforce cannot keep.",
         "Take signs such as emoji out of the text here."),
        ("INVALID_INPUT",
         "Salesforce does not take a value as it is.",
         "Read Salesforce's own words, and correct the value here."),
        ("INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD",
         "A reference leads to a record of another kind than its field takes.",
         "Choose the reference here again."),
        ("MAXIMUM_HIERARCHY_LEVELS_REACHED",
         "Organisations belong to each other over more levels than Salesforce takes.",
         "Make the chain of organisations shorter here."),
        ("MAXIMUM_HIERARCHY_CHILDREN_REACHED",
         "More records belong to one than Salesforce takes.",
         "Spread them over several organisations here."),
    ),
    # --- rules, rights and settings in Salesforce -------------------------------------------------
    *_rows(
        _H,
        _THERE,
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION",
         "A validation rule in Salesforce refuses this.",
         "Change the record here, or ask your Salesforce administrator to let the integration user bypass the rule."),
        ("FIELD_FILTER_VALIDATION_EXCEPTION",
         "The filter of a lookup in Salesforce does not admit the record that this one belongs to.",
         "Let the filter admit it in Salesforce, or make the filter optional."),
        ("FIELD_INTEGRITY_EXCEPTION",
         "Salesforce does not let these values stand together.",
         "Read Salesforce's own words: they name the fields. State and country, for example, must fit each other."),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
         "The value is not among those that the picklist in Salesforce allows.",
         "Add the value to the picklist in Salesforce, or change it here."),
        ("INACTIVE_OWNER_OR_USER",
         "The owner of the record in Salesforce is not active any more.",
         "Give the record to an active owner in Salesforce."),
        ("DUPLICATES_DETECTED",
         "A duplicate rule in Salesforce takes this for a record that is there already.",
         "Merge the two in Salesforce, or let the rule allow it."),
        ("DUPLICATE_EXTERNAL_ID",
         "Two records in Salesforce carry the same PRM id.",
         "Remove one of them in Salesforce, or take the id out of it."),
        ("ENTITY_IS_LOCKED",
         "An approval process holds the record.",
         "It goes when the approval ends, or when somebody unlocks the record in Salesforce."),
        ("STORAGE_LIMIT_EXCEEDED",
         "The organisation's storage is full.",
         "Free space in Salesforce, or buy more."),
        ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
         "The integration user may not use the record that this one belongs to.",
         "Give the integration user access to the parent record in Salesforce."),
        ("INSUFFICIENT_ACCESS_OR_READONLY",
         "The integration user may not change this record.",
         "Give the integration user the right to edit it in Salesforce."),
        ("INSUFFICIENT_ACCESS",
         "The integration user lacks a right that this needs.",
         "Give it to the integration user in Salesforce."),
        ("INVALID_READ_ONLY_USER_DML",
         "The integration user may only read.",
         "Give the integration user a licence and rights to write in Salesforce."),
        ("OP_WITH_INVALID_USER_TYPE_EXCEPTION",
         "A user of this kind may not do this.",
         "Let the app run as a user with a full licence in Salesforce."),
        ("SHARE_NEEDED_FOR_CHILD_OWNER",
         "The owner of the record may not see the one that it belongs to.",
         "Share the parent record with the owner in Salesforce."),
        ("CHILD_SHARE_FAILS_PARENT",
         "The owner of the record may not see the one that it belongs to.",
         "Share the parent record with the owner in Salesforce."),
        ("UNAVAILABLE_RECORDTYPE_EXCEPTION",
         "The integration user may not use the record type.",
         "Let the integration user use the record type in Salesforce."),
        ("FIELD_NOT_UPDATABLE",
         "The field cannot be changed once the record is there.",
         "Change it in Salesforce, or take the field out of the mapping."),
        ("INVALID_FIELD_FOR_INSERT_UPDATE",
         "The field cannot be written by the integration user.",
         "Let the integration user edit this field in Salesforce. A formula cannot be written by anybody."),
        ("CANNOT_UPDATE_CONVERTED_LEAD",
         "The lead was converted and cannot be changed any more.",
         "Change the account and the contact that it became."),
        ("DELETE_FAILED",
         "Salesforce does not let the record be deleted.",
         "Read Salesforce's own words: something else depends on the record."),
        ("DELETE_OPERATION_TOO_LARGE",
         "Too much hangs on the record for Salesforce to delete it at once.",
         "Delete it in Salesforce, its children first."),
        ("DEPENDENCY_EXISTS",
         "Something else in Salesforce depends on the record.",
         "Remove what depends on it in Salesforce, or leave the record there."),
        ("DELETE_REQUIRED_ON_CASCADE",
         "With the record others would go that the integration user may not delete.",
         "Let the integration user delete them in Salesforce, or delete the record there."),
        ("INVALID_STATUS",
         "The record's status does not allow this.",
         "Change the status in Salesforce first."),
        ("INVALID_OWNER",
         "The owner is not allowed for such a record.",
         "Choose another owner in Salesforce."),
        ("NO_SUCH_USER_EXISTS",
         "The user whom the record names does not exist.",
         "Choose another owner in Salesforce."),
        ("CANNOT_REPARENT_RECORD",
         "Records of this kind cannot be moved to another parent.",
         "Allow reparenting on the relationship in Salesforce, or move it there by hand."),
        ("ENTITY_IS_ARCHIVED",
         "The record is archived in Salesforce.",
         "Take it out of the archive in Salesforce."),
        ("ENTITY_SAVE_ERROR",
         "Salesforce could not store the record.",
         "Read Salesforce's own words; your Salesforce administrator can ask Salesforce."),
        ("INVALID_PERSON_ACCOUNT_OPERATION",
         "The account is a person account, for which this is not allowed.",
         "Change the person account in Salesforce, or use a business account."),
        ("INVALID_TYPE_FOR_OPERATION",
         "Salesforce does not allow this for records of this kind.",
         "Ask your Salesforce administrator why; the object may be read only."),
        ("RECORD_IN_USE_BY_WORKFLOW",
         "A running process of the organisation uses the record.",
         "It goes when the process has ended, or when somebody ends it in Salesforce."),
        ("INVALID_ASSIGNEE_TYPE",
         "The record cannot belong to this kind of owner.",
         "Choose a user or queue that may own it in Salesforce."),
        ("TRANSFER_REQUIRES_READ",
         "The new owner may not see the record.",
         "Give the owner the right to read such records in Salesforce."),
        ("INVALID_MARKUP",
         "The text holds markup that Salesforce does not take.",
         "Take the markup out of the text here, or use a plain text field there."),
        ("MAXIMUM_SIZE_OF_ATTACHMENT",
         "A file is larger than Salesforce takes.",
         "Send a smaller file."),
        ("TERRITORY_REALIGN_IN_PROGRESS",
         "Territories are being realigned, and records are locked meanwhile.",
         "It goes when the realignment ends."),
        ("LICENSE_LIMIT_EXCEEDED",
         "The organisation has no licence left for this.",
         "Free a licence in Salesforce, or buy one."),
        ("FUNCTIONALITY_NOT_ENABLED",
         "The organisation does not have the feature that this needs.",
         "Turn the feature on in Salesforce, or leave the field out of the mapping."),
        ("REQUIRED_FEATURE_MISSING",
         "The organisation lacks a feature that this needs.",
         "Turn the feature on in Salesforce, or leave the field out of the mapping."),
        ("PACKAGE_LICENSE_REQUIRED",
         "The integration user has no licence for an installed package.",
         "Give it one in Salesforce."),
        ("EXTERNAL_OBJECT_EXCEPTION",
         "An external object that Salesforce asked did not answer.",
         "Look at the external data source in Salesforce."),
    ),
    # --- the set-up ------------------------------------------------------------------------------
    *_rows(
        _H,
        _HERE,
        ("INVALID_FIELD",
         "A field is not in Salesforce, or the integration user does not see it.",
         "Run the Salesforce set-up again: a field is missing or not visible."),
        ("INVALID_TYPE",
         "An object is not in Salesforce, or the integration user does not see it.",
         "Run the Salesforce set-up again, and give the integration user access to the object."),
        ("JSON_PARSER_ERROR",
         "Salesforce could not read what was sent.",
         "A value has another type than its field. Run the Salesforce set-up again; if it stays, write to whoever looks after PRM."),
        ("INVALID_ID_FIELD",
         "A record was named by an id that is not of its kind.",
         "Disconnect and connect again: all records are compared once."),
        ("MISSING_ARGUMENT",
         "Something that Salesforce needs was not sent.",
         "Run the Salesforce set-up again; if it stays, write to whoever looks after PRM."),
    ),
    Code("DUPLICATE_VALUE", Reaction.READ_BACK, _THERE,
         "Another record in Salesforce already has this unique value.",
         "Find the other record in Salesforce: merge the two, or change its value."),
    Code("ENTITY_IS_DELETED", Reaction.GONE, _THERE,
         "The record was deleted in Salesforce.",
         "Restore it from Salesforce's recycle bin, or create it again from here."),
    Code("INVALID_CROSS_REFERENCE_KEY", Reaction.PARENT, _THERE,
         "The record that this one belongs to is not there, or the integration user cannot see it.",
         "Restore it in Salesforce, or let the integration user see it. It is tried again every quarter of an hour."),
    # --- automation of the organisation: fewer records at once may pass --------------------------
    *_rows(
        _S,
        _THERE,
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
         "A trigger (Apex) of the organisation failed.",
         "Salesforce's own words name the trigger. Ask whoever made it; records go by themselves once it works."),
        ("CANNOT_EXECUTE_FLOW_TRIGGER",
         "A flow of the organisation failed.",
         "Salesforce's own words name the flow. Ask whoever made it; records go by themselves once it works."),
        ("FLOW_EXCEPTION",
         "A flow of the organisation stopped with an error.",
         "Salesforce's own words name the flow. Ask whoever made it; records go by themselves once it works."),
        ("SELF_REFERENCE_FROM_TRIGGER",
         "A trigger (Apex) of the organisation changes the record that set it off.",
         "Ask whoever made the trigger; records go by themselves once it works."),
        ("SELF_REFERENCE_FROM_FLOW",
         "A flow of the organisation changes the record that set it off.",
         "Ask whoever made the flow; records go by themselves once it works."),
        ("MIXED_DML_OPERATION",
         "An automation of the organisation changes users or rights together with records.",
         "Ask whoever made the automation; records go by themselves once it works."),
        ("APEX_ERROR",
         "A program (Apex) of the organisation failed.",
         "Ask whoever made the program; records go by themselves once it works."),
        ("LIMIT_EXCEEDED",
         "The organisation's automation used up one of Salesforce's limits.",
         "Smaller calls were tried. Ask your Salesforce administrator to make the automation lighter."),
        ("REQUEST_RUNNING_TOO_LONG",
         "The organisation's automation took longer than Salesforce allows.",
         "Smaller calls were tried. Ask your Salesforce administrator to make the automation lighter."),
        ("CANNOT_CASCADE_PRODUCT_ACTIVE",
         "An automation of the organisation could not carry a change on to what belongs to the record.",
         "Salesforce's own words name what. Ask your Salesforce administrator."),
        ("INVALID_BATCH_OPERATION",
         "Salesforce does not take these records in one call.",
         "Smaller calls were tried. Write to whoever looks after PRM if it stays."),
    ),
    # --- passing: tried again by itself ----------------------------------------------------------
    *_rows(
        _R,
        _NOBODY,
        ("UNABLE_TO_LOCK_ROW",
         "Somebody else was writing the record, or one that it belongs to.",
         "It is tried again by itself."),
        ("TOO_MANY_APEX_REQUESTS",
         "The organisation's programs are busy.",
         "It is tried again by itself."),
        ("SERVER_UNAVAILABLE",
         "Salesforce is busy or not reachable.",
         "It is tried again by itself."),
        ("UNKNOWN_EXCEPTION",
         "Something failed within Salesforce, which does not say what.",
         "It is tried again by itself. If it stays, your Salesforce administrator can ask Salesforce, by the number in its words."),
        ("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
         "Salesforce is being maintained and takes no changes.",
         "It goes by itself when the maintenance ends."),
        ("QUERY_TIMEOUT",
         "A query took too long in Salesforce.",
         "It is tried again by itself."),
        ("ORG_IN_MAINTENANCE",
         "The organisation is being maintained.",
         "It goes by itself when the maintenance ends."),
        ("FUNCTIONALITY_TEMPORARILY_UNAVAILABLE",
         "A part of Salesforce is switched off for the moment.",
         "It is tried again by itself."),
        ("COLLISION_DETECTED",
         "Somebody else changed the record at the same moment.",
         "It is read and sent again by itself."),
        ("PLATFORM_EVENT_PUBLISH_FAILED",
         "The organisation's automation could not announce the change.",
         "It is tried again by itself."),
        ("PLATFORM_EVENT_PUBLISHING_UNAVAILABLE",
         "A part of Salesforce that the organisation's automation uses is not reachable.",
         "It is tried again by itself."),
    ),
    *_rows(
        _A,
        _NOBODY,
        ("ALL_OR_NONE_OPERATION_ROLLED_BACK",
         "Another record of the same call was refused, and this one with it.",
         "It is sent again by itself, without the other one."),
        ("PROCESSING_HALTED",
         "Another record of the same call was refused, and this one was not looked at.",
         "It is sent again by itself, without the other one."),
    ),
    # --- whole calls -----------------------------------------------------------------------------
    *_rows(
        _R,
        _NOBODY,
        ("REQUEST_LIMIT_EXCEEDED",
         "The organisation's API calls are used up for the moment.",
         "It goes on by itself."),
        ("INVALID_QUERY_LOCATOR",
         "Salesforce forgot a long reading in the middle.",
         "It is read again by itself, from where it was."),
        scope=Scope.CALL,
    ),
    *_rows(
        _H,
        _THERE,
        ("API_DISABLED_FOR_ORG",
         "The organisation's edition, or the integration user, may not use the API.",
         "Turn on “API Enabled” for the integration user in Salesforce."),
        ("API_CURRENTLY_DISABLED",
         "The API of the organisation is switched off for the moment.",
         "Ask Salesforce's support, or wait; then sign in again here."),
        ("ORG_LOCKED",
         "The organisation is locked.",
         "Ask Salesforce's support; then sign in again here."),
        ("TRIAL_EXPIRED",
         "The organisation's trial has ended.",
         "Connect another organisation, or buy this one."),
        ("TXN_SECURITY_NO_ACCESS",
         "A transaction security policy of the organisation refuses the integration user.",
         "Let the policy admit the integration user in Salesforce."),
        ("INVALID_SESSION_ID",
         "Salesforce ended the session.",
         "PRM signs in again by itself. If this stays, look whether the integration user's sessions are locked to an address."),
        ("INVALID_LOGIN",
         "Salesforce does not know the user, or refuses it.",
         "Look at the user that the app runs as; then sign in again here."),
        ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
         "The integration user's password has expired.",
         "Give it a password that never expires in Salesforce; then sign in again here."),
        ("PASSWORD_LOCKOUT",
         "The integration user is locked after too many wrong passwords.",
         "Unlock it in Salesforce; then sign in again here."),
        ("LOGIN_DURING_RESTRICTED_TIME",
         "The integration user may not sign in at this hour.",
         "Take the hours off its profile in Salesforce; then sign in again here."),
        ("LOGIN_DURING_RESTRICTED_DOMAIN",
         "The integration user may not sign in from this address.",
         "Admit PRM's address in its profile in Salesforce; then sign in again here."),
        ("CLIENT_NOT_ACCESSIBLE_FOR_USER",
         "The app is not admitted for the integration user.",
         "Admit it under the app's policies in Salesforce."),
        ("EXCEEDED_ID_LIMIT",
         "Salesforce was asked for too many records at once.",
         "Write to whoever looks after PRM."),
        scope=Scope.CALL,
    ),
    *_rows(
        _H,
        _HERE,
        ("NOT_FOUND",
         "Salesforce does not know the object or the record that was asked for.",
         "Run the Salesforce set-up again."),
        ("MALFORMED_QUERY",
         "Salesforce could not read a question of ours.",
         "Run the Salesforce set-up again; if it stays, write to whoever looks after PRM."),
        ("QUERY_TOO_COMPLICATED",
         "Salesforce finds a question of ours too long.",
         "Take fields out of the mapping, or formulas out of the object; if it stays, write to whoever looks after PRM."),
        ("METHOD_NOT_ALLOWED",
         "Salesforce does not allow this on the object.",
         "Run the Salesforce set-up again; if it stays, write to whoever looks after PRM."),
        ("UNSUPPORTED_API_VERSION",
         "The organisation does not speak this version of the API any more.",
         "Set SALESFORCE_API_VERSION to a later one."),
        scope=Scope.CALL,
    ),
)  # fmt: skip

_OURS: tuple[Code, ...] = (
    Code("UNFIT", _H, _KEEPER,
         "A value does not fit into its field in Salesforce.",
         "Change the value here. The other fields of the record are in Salesforce."),
    Code("VALUE_NOT_KEPT", _H, _THERE,
         "Salesforce took the value and holds another one.",
         "A formula, a flow or line items decide this field there. Nothing is sent again until one of the two values "
         "changes. Take Salesforce's value over here, change the rule there, or leave both."),
    Code("LOOP", _H, _THERE,
         "Something in Salesforce writes over the field whenever PRM has written it.",
         "Find the flow or the other program that writes it, and choose a value under Conflicts. Until then each side "
         "keeps its own."),
)  # fmt: skip
"""Codes that we give ourselves."""

CODES: dict[str, Code] = {one.code: one for one in _KNOWN}
OUR_CODES: dict[str, Code] = {one.code: one for one in _OURS}


def known(code: str) -> Code | None:
    """Return what is known about a code, Salesforce's or our own."""
    return CODES.get(code) or OUR_CODES.get(code)


def of_message(message: str) -> Code | None:
    """Return the code that a sentence of the engine begins with, as in "ORG_LOCKED: the organisation is locked"."""
    return known(message.partition(":")[0])
