package dev.herald.api.user;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.InboxMessage.OpenInbox;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.OnlineQuery;
import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.channel.Channel;
import dev.herald.channel.ChannelFlags;
import dev.herald.channel.Channels;
import dev.herald.device.Device;
import dev.herald.device.Devices;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import dev.herald.model.DeviceFlag;
import dev.herald.model.Reason;
import dev.herald.model.Uid;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tokens, kicks, and who is online (wukong-interfaces sections 3.2 and 7.3). */
final class UserRoutes {
    private static final int MAX_TOKEN_BYTES = 4_096;
    private static final int MAX_ASKED = 10_000;

    /** Redis, or what looks like that at first. */
    private static final Set<Failure> AWAY = EnumSet.of(Failure.UNAVAILABLE, Failure.TIMEOUT);

    private static final String OTHER_DEVICE = "login in other device";

    private final Bus bus;
    private final Channels channels;
    private final Devices devices;

    UserRoutes(Bus bus, Channels channels, Devices devices) {
        this.bus = bus;
        this.channels = channels;
        this.devices = devices;
    }

    void mount(Routes routes) {
        routes.post("/user/token", this::token);
        routes.post("/user/device_quit", this::quit);
        routes.query("/user/onlinestatus", this::online);
    }

    private Future<Reply> token(Call call) {
        NewToken wanted = call.read(NewToken::read);
        return channels.find(new ChannelKey(wanted.uid, ChannelKey.PERSON)).compose(info -> {
            ChannelFlags flags =
                    info.map(Channel::info).map(found -> found.flags()).orElse(ChannelFlags.NONE);
            if (flags.ban() || flags.disband()) {
                Reason reason = flags.ban() ? Reason.BAN : Reason.DISBAND;
                return Future.succeededFuture(Reply.businessStatus(reason.code()));
            }
            return devices.setToken(wanted.uid, wanted.deviceFlag, wanted.token, wanted.level, call.first())
                    .compose(set -> set ? kickOthers(wanted).compose(kicked -> open(wanted)) : Future.succeededFuture())
                    .map(done -> Reply.ok());
        });
    }

    /** From now on commands wait for the device. While Redis is away they do not, which it is told when it connects. */
    private Future<?> open(NewToken wanted) {
        return bus.request(Addresses.INBOX_OPEN, new OpenInbox(wanted.uid, wanted.deviceFlag))
                .<Void>mapEmpty()
                .recover(cause -> AWAY.contains(HeraldException.failureOf(cause))
                        ? Future.succeededFuture()
                        : Future.failedFuture(cause));
    }

    private Future<?> kickOthers(NewToken wanted) {
        return wanted.level == Device.MASTER
                ? bus.request(Addresses.DEVICE_KICK, new KickDevice(wanted.uid, wanted.deviceFlag, OTHER_DEVICE))
                : Future.succeededFuture();
    }

    /** Kicks whether or not there was a token: where clients need none, this is the only way to end their sessions. */
    private Future<Reply> quit(Call call) {
        record Quit(String uid, int deviceFlag) {}
        Quit quit = call.read(fields -> new Quit(
                fields.uid("uid"), fields.integer("device_flag", Devices.ALL, DeviceFlag.MAX, DeviceFlag.APP)));
        return devices.clearToken(quit.uid, quit.deviceFlag, call.first())
                .compose(quits -> quits
                        ? bus.request(Addresses.DEVICE_KICK, new KickDevice(quit.uid, quit.deviceFlag, ""))
                        : Future.succeededFuture())
                .map(done -> Reply.ok());
    }

    /** What can be no uid is nobody who is online: one of them must not cost a whole poll. */
    private Future<Reply> online(Call call) {
        List<String> asked =
                call.readArray("uids", fields -> fields.values("uids", MAX_ASKED, "a string", UserRoutes::text));
        if (asked.isEmpty()) {
            return Future.succeededFuture(Reply.ok());
        }
        List<String> uids = asked.stream()
                .filter(uid -> Uid.problem(uid).isEmpty())
                .distinct()
                .toList();
        return bus.request(Addresses.ONLINE_QUERY, new OnlineQuery(uids))
                .map(answer -> Reply.bare(Reply.array(answer.rows(), UserRoutes::row)));
    }

    private static Optional<String> text(Object value) {
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    private static JsonObject row(OnlineRow row) {
        return JsonObject.of("uid", row.uid(), "device_flag", row.deviceFlag(), "online", 1);
    }

    private record NewToken(String uid, String token, int deviceFlag, int level) {
        static NewToken read(Fields fields) {
            String uid = fields.uid("uid");
            if (uid.equals(Uid.SYSTEM)) {
                fields.refuse("uid", "must not be the system account");
            }
            return new NewToken(
                    uid,
                    fields.requiredText("token", MAX_TOKEN_BYTES),
                    fields.integer("device_flag", 0, DeviceFlag.MAX, DeviceFlag.APP),
                    fields.integer("device_level", Device.SLAVE, Device.MASTER, Device.SLAVE));
        }
    }
}
