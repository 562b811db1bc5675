package mask

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// Handler masks records before h has them: the message, and each attribute by
// its value and by its key.
func (m *Masker) Handler(h slog.Handler) slog.Handler { return &handler{m, h} }

type handler struct {
	m    *Masker
	next slog.Handler
}

func (h *handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, h.m.String(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(h.attr(a))
		return true
	})
	return h.next.Handle(ctx, out)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = h.attr(a)
	}
	return &handler{h.m, h.next.WithAttrs(masked)}
}

func (h *handler) WithGroup(name string) slog.Handler { return &handler{h.m, h.next.WithGroup(name)} }

func (h *handler) attr(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(h.m.field(a.Key, a.Value.String()))
	case slog.KindGroup:
		group := a.Value.Group()
		masked := make([]slog.Attr, len(group))
		for i := range group {
			masked[i] = h.attr(group[i])
		}
		a.Value = slog.GroupValue(masked...)
	case slog.KindAny:
		text := fmt.Sprintf("%+v", a.Value.Any())
		if b, ok := a.Value.Any().([]byte); ok {
			text = string(b)
		}
		// What holds no secret keeps its type.
		if masked := h.m.field(a.Key, text); masked != text {
			a.Value = slog.StringValue(masked)
		}
	}
	return a
}

// field masks the value of a named field: by itself, else by its name.
func (m *Masker) field(key, value string) string {
	if masked := m.String(value); masked != value || strings.ContainsAny(value, "\"\\\n") {
		return masked
	}
	head := fmt.Sprintf("%q: \"", key)
	masked := m.String(head + value + "\"\n")
	masked, ok := strings.CutPrefix(masked, head)
	if !ok {
		return value
	}
	return strings.TrimSuffix(masked, "\"\n")
}
