package dev.herald.api.channel;

import dev.herald.api.channel.ChannelChanges.Wanted;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Routes;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.MemberEdit;
import dev.herald.model.ChannelKey;
import java.util.List;
import java.util.function.UnaryOperator;

/** Who is a member of a channel; WuKongIM says subscriber (wukong-interfaces section 3.3). */
final class MemberRoutes {
    private final ChannelChanges changes;

    MemberRoutes(ChannelChanges changes) {
        this.changes = changes;
    }

    void mount(Routes routes) {
        routes.post("/channel/subscriber_add", call -> changes.makeOk(call, MemberRoutes::add));
        routes.post("/channel/subscriber_remove", call -> changes.makeOk(call, MemberRoutes::remove));
        routes.post("/channel/subscriber_remove_all", call -> changes.makeOk(call, MemberRoutes::removeAll));
        routes.post("/tmpchannel/subscriber_set", call -> changes.makeOk(call, MemberRoutes::setTemporary));
    }

    private static Wanted add(Fields fields) {
        ChannelKey key = ChannelName.groupUnlessTold(fields);
        List<String> uids = ChannelFields.requiredSubscribers(fields, "subscribers");
        if (fields.flag("temp_subscriber")) {
            fields.refuse("temp_subscriber", "must be 0: there are no temporary members");
        }
        return new Wanted(key, ChannelEdit.upsert(UnaryOperator.identity(), ChannelFields.joining(fields, uids)));
    }

    private static Wanted remove(Fields fields) {
        ChannelKey key = ChannelName.withMembers(fields);
        return leaving(key, new MemberEdit.Remove(ChannelFields.requiredSubscribers(fields, "subscribers")));
    }

    private static Wanted removeAll(Fields fields) {
        return leaving(ChannelName.withMembers(fields), new MemberEdit.Replace(List.of()));
    }

    /** WuKongIM keeps these in memory; here they are members, who are told by nobody that they are. */
    private static Wanted setTemporary(Fields fields) {
        ChannelKey key = ChannelName.ofType(fields, ChannelKey.TEMPORARY);
        List<String> uids = ChannelFields.requiredSubscribers(fields, "uids");
        return new Wanted(key, ChannelEdit.upsert(info -> info.withCommands(false), new MemberEdit.Replace(uids)));
    }

    /** A channel that is not there has nobody who could leave. */
    private static Wanted leaving(ChannelKey key, MemberEdit edit) {
        return new Wanted(key, ChannelEdit.update(UnaryOperator.identity(), edit));
    }
}
