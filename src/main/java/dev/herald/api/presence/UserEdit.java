package dev.herald.api.presence;

import dev.herald.api.http.Fields;
import java.util.Set;

/** Users who are put on a list of users, and others who are taken from it. */
record UserEdit(Set<String> add, Set<String> remove) {
    /** @param max of either */
    static UserEdit read(Fields fields, int max) {
        UserEdit edit = new UserEdit(fields.uids("add", max), fields.uids("remove", max));
        if (!fields.has("add") && !fields.has("remove")) {
            fields.refuse("add", "or remove is required");
        }
        edit.add.stream()
                .filter(edit.remove::contains)
                .findFirst()
                .ifPresent(uid -> fields.refuse("remove", uid + " is in add, too"));
        return edit;
    }
}
