package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What one event becomes in each of the two formats that logback.xml has. */
class LogFormatTest {

    @Test
    void ids_are_fields_of_a_json_record() throws Exception {
        JsonObject record = new JsonObject(line("json", log -> log.atWarn()
                .addKeyValue("command", 7L)
                .addKeyValue("request", "r-1")
                .log("is not fanned out yet")));

        assertThat(record.getString("level")).isEqualTo("WARN");
        assertThat(record.getString("formattedMessage")).isEqualTo("is not fanned out yet");
        assertThat(record.getJsonArray("kvpList"))
                .isEqualTo(new JsonArray().add(JsonObject.of("command", "7")).add(JsonObject.of("request", "r-1")));
    }

    @Test
    void a_line_of_text_begins_with_them() throws Exception {
        assertThat(line("text", log -> log.atWarn().addKeyValue("command", 7L).log("is late")))
                .endsWith(" WARN  Herald command=7 is late" + System.lineSeparator());
        assertThat(line("text", log -> log.info("ready in {} ms", 5)))
                .endsWith(" INFO  Herald ready in 5 ms" + System.lineSeparator());
    }

    private interface Event {
        void log(Logger log);
    }

    private static String line(String format, Event event) throws Exception {
        LoggerContext context = new LoggerContext();
        context.putProperty("LOG_FORMAT", format);
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(LogFormatTest.class.getResource("/logback.xml"));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        Encoder<ILoggingEvent> encoder = ((ConsoleAppender<ILoggingEvent>) root.getAppender(format)).getEncoder();
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        root.detachAndStopAllAppenders();
        encoder.start();
        root.addAppender(events);
        event.log(context.getLogger("dev.herald.Herald"));
        return new String(encoder.encode(events.list.getFirst()), StandardCharsets.UTF_8);
    }
}
