package dev.herald.api.channel;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.channel.ChannelAt;
import dev.herald.channel.Channels;
import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Beyond WuKongIM: what a reader that was away has missed of its channels, in one call, and who their members are. */
final class ReadRoutes {
    private static final int MAX_CHANNELS = 10_000;
    private static final int MAX_PAGE = 10_000;
    private static final int DEFAULT_PAGE = 1_000;
    private static final long NEVER_READ = -1;

    private final Channels channels;

    ReadRoutes(Channels channels) {
        this.channels = channels;
    }

    void mount(Routes routes) {
        routes.query("/channel/changes", this::changes);
        routes.get("/channel/subscribers", this::subscribers);
    }

    /** Only those that are not as the caller knows them. */
    private Future<Reply> changes(Call call) {
        List<ChannelAt> known = call.read(fields -> fields.list("channels", MAX_CHANNELS, ReadRoutes::known));
        return channels.changed(known).map(found -> {
            JsonArray changed = new JsonArray();
            found.channels().forEach(channel -> changed.add(ChannelRoutes.json(channel)));
            JsonArray missing = new JsonArray();
            found.missing().forEach(key -> missing.add(JsonObject.of("id", key.id(), "type", key.type())));
            return Reply.data(JsonObject.of("channels", changed, "missing", missing, "more", Reply.bit(found.more())));
        });
    }

    private static ChannelAt known(Fields fields) {
        String id = fields.has("channel_id") ? "channel_id" : "id";
        String type = fields.has("channel_type") ? "channel_type" : "type";
        return new ChannelAt(
                ChannelName.withFlags(fields, id, type), fields.number("revision", 0, Long.MAX_VALUE, NEVER_READ));
    }

    private Future<Reply> subscribers(Call call) {
        record Page(ChannelKey key, String after, int limit) {}
        Page page = call.readQuery(fields -> new Page(
                ChannelName.withMembers(fields),
                fields.text("after", ChannelName.MAX_ID_BYTES),
                fields.integer("limit", 1, MAX_PAGE, DEFAULT_PAGE)));
        return channels.find(page.key)
                .compose(found -> channels.members(
                        found.orElseThrow(ChannelRoutes::unknown).pk(), page.after, page.limit + 1))
                .map(uids -> {
                    boolean more = uids.size() > page.limit;
                    List<String> shown = more ? uids.subList(0, page.limit) : uids;
                    return Reply.data(JsonObject.of("subscribers", new JsonArray(shown), "more", Reply.bit(more)));
                });
    }
}
