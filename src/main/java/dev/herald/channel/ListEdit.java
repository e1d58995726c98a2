package dev.herald.channel;

/**
 * What a change does to one of the lists.
 *
 * @param uids as for members: who comes, goes, or alone stays
 */
public record ListEdit(AccessList list, MemberEdit uids) {
    public static final ListEdit KEEP = new ListEdit(AccessList.BLACKLIST, MemberEdit.KEEP);
}
