package dev.herald.api.channel;

import dev.herald.api.channel.ChannelChanges.Wanted;
import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.channel.AccessList;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.Channels;
import dev.herald.channel.ListEdit;
import dev.herald.channel.Listed;
import dev.herald.channel.MemberEdit;
import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;

/** Black- and whitelists (wukong-interfaces section 3.3); of type 1 they are those of the receiver with that uid. */
final class ListRoutes {
    private static final int MAX_UIDS = 100_000;

    private final Channels channels;
    private final ChannelChanges changes;

    ListRoutes(Channels channels, ChannelChanges changes) {
        this.channels = channels;
        this.changes = changes;
    }

    void mount(Routes routes) {
        mount(routes, "/channel/blacklist", AccessList.BLACKLIST);
        mount(routes, "/channel/whitelist", AccessList.WHITELIST);
    }

    private void mount(Routes routes, String path, AccessList list) {
        change(routes, path + "_add", list, fields -> new MemberEdit.Add(requiredUids(fields)));
        change(routes, path + "_set", list, fields -> new MemberEdit.Replace(uids(fields)));
        change(routes, path + "_remove", list, fields -> new MemberEdit.Remove(requiredUids(fields)));
        change(routes, path + "_remove_all", list, fields -> new MemberEdit.Replace(List.of()));
        routes.get(path, call -> show(call, list));
    }

    private void change(Routes routes, String path, AccessList list, Function<Fields, MemberEdit> edit) {
        routes.post(
                path,
                call -> changes.makeOk(
                        call,
                        fields -> new Wanted(
                                ChannelName.key(fields), ChannelEdit.of(new ListEdit(list, edit.apply(fields))))));
    }

    /** A channel that is not there has nobody on its lists. */
    private Future<Reply> show(Call call, AccessList list) {
        record Page(ChannelKey key, String after, int limit) {}
        Page page = call.readQuery(fields -> new Page(
                ChannelName.key(fields),
                fields.text("after", ChannelName.MAX_ID_BYTES),
                fields.integer("limit", 1, MAX_UIDS, MAX_UIDS)));
        return channels.find(page.key)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(List.<Listed>of())
                        : channels.listed(found.get().pk(), list, page.after, page.limit))
                .map(entries -> Reply.bare(Reply.array(entries, ListRoutes::json)));
    }

    private static JsonObject json(Listed entry) {
        String since = entry.since().toInstant().toString();
        return JsonObject.of("id", entry.id(), "uid", entry.uid(), "created_at", since, "updated_at", since);
    }

    private static List<String> uids(Fields fields) {
        return List.copyOf(fields.uids("uids", MAX_UIDS));
    }

    private static List<String> requiredUids(Fields fields) {
        return List.copyOf(fields.requiredUids("uids", MAX_UIDS));
    }
}
