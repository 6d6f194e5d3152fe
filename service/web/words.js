// What the page says, Chinese first, English by setting; data-t attributes name the words of the HTML.

const WORDS = {
  skip: ["跳到提问框", "Skip to the question"],
  name: ["研报问答", "Research answers"],
  promise: ["只根据已收录的券商研报作答，每句话都能点回原文。", "Answers come from the reports held here only; every sentence opens its source."],
  pages: ["页面", "Pages"],
  ask: ["提问", "Ask"],
  library: ["研报库", "Reports"],
  saved: ["关注", "Saved"],
  talk: ["提问与回答", "Questions and answers"],
  question: ["问题", "Question"],
  placeholder: ["例如：某公司明年的每股收益预测是多少？", "In Chinese, e.g. 某公司明年的每股收益预测是多少？"],
  hint: ["回车提问，Shift + 回车换行", "Enter asks, Shift + Enter breaks the line"],
  fresh: ["新对话", "New conversation"],
  filters: ["筛选", "Filters"],
  broker: ["券商", "Broker"],
  report: ["研报", "Report"],
  code: ["股票代码", "Stock code"],
  from: ["发布日期自", "Published from"],
  to: ["至", "to"],
  clear: ["清除", "Clear"],
  active: ["（{0} 项）", "({0})"],
  key: ["访问密钥", "Key"],
  go: ["继续", "Continue"],
  "key-hint": ["从其他机器阅读或添加研报需要密钥；它只留在这个标签页里。", "Reading from another machine and adding reports needs a key; it stays in this tab."],
  "key-needed": ["需要访问密钥。", "A key is needed."],
  examples: ["示例问题", "Examples"],
  viewer: ["研报原文", "The report"],
  offline: ["连接不上服务，请检查网络后重试。", "The service cannot be reached; check the network and try again."],
  broken: ["服务出错（{0}），请稍后重试。", "The service failed ({0}); try again later."],
  400: ["请求无法识别。", "The request was not understood."],
  404: ["没有找到。", "Not found."],
  408: ["请求太慢，请重试。", "The request was too slow; try again."],
  413: ["内容太大。", "Too large."],
  422: ["问题不符合要求：需为 1 至 2000 个字符。", "A question has 1 to 2,000 characters."],
  429: ["请求太频繁，请稍后重试。", "Too many requests; try again later."],
  501: ["这个版本还不支持此功能。", "This version does not do that yet."],
  503: ["服务繁忙，请稍后重试。", "The service is busy; try again later."],
  understood: ["按此理解：{0}", "Taken as: {0}"],
  sources: ["来源", "Sources"],
  nearest: ["最接近的段落", "Nearest passages"],
  working: ["计算：{0}", "Working: {0}"],
  other: ["其他来源：{0}（{1}）", "Others: {0} ({1})"],
  sure: ["把握：{0}%", "Confidence: {0}%"],
  cite: ["引用 {0}：{1}，查看原文", "Source {0}: {1}, open it"],
  page: ["第 {0} 页", "page {0}"],
  "page-count": ["{0} 页", "{0} pages"],
  empty: ["（空）", "(empty)"],
  figures: ["所引数据", "Cited figures"],
  subject: ["主体", "Subject"],
  metric: ["指标", "Metric"],
  period: ["期间", "Period"],
  value: ["数值", "Value"],
  source: ["来源", "Source"],
  actual: ["实际", "actual"],
  estimate: ["预测", "estimate"],
  guidance: ["指引", "guidance"],
  chart: ["各券商数据：{0} {1}", "By broker: {0} {1}"],
  instead: ["可以改问：", "Ask instead:"],
  up: ["有用", "Helpful"],
  down: ["没用", "Not helpful"],
  comment: ["意见（可不填）", "Comment (optional)"],
  send: ["发送", "Send"],
  thanks: ["已收到反馈，谢谢。", "Thank you for the feedback."],
  "copy-text": ["复制文本", "Copy text"],
  "copy-markdown": ["复制 Markdown", "Copy Markdown"],
  "copy-link": ["复制对话链接", "Copy link"],
  csv: ["导出 CSV", "Export CSV"],
  xlsx: ["导出 XLSX", "Export XLSX"],
  save: ["关注此问题", "Save question"],
  "was-saved": ["已关注。新研报收录后会再次提问。", "Saved. It is asked again on each new report."],
  copied: ["已复制。", "Copied."],
  "not-copied": ["浏览器不允许复制。", "The browser does not allow copying."],
  answering: ["正在回答…", "Answering…"],
  answered: ["已回答。", "Answered."],
  here: ["此处的链接", "Link to this place"],
  close: ["关闭", "Close"],
  text: ["文本", "Text"],
  pages_tab: ["页面", "Pages"],
  outline: ["目录", "Outline"],
  facts: ["数据", "Figures"],
  "whole-text": ["研报全文", "Whole text"],
  "old-version": ["链接指向这份研报的旧版本，标记的位置可能已经变动。", "The link leads to an older version of this report; the marked place may have moved."],
  "page-image": ["第 {0} 页，共 {1} 页", "Page {0} of {1}"],
  previous: ["上一页", "Previous"],
  next: ["下一页", "Next"],
  more: ["更多", "More"],
  "no-picture": ["这一页没有图片。", "There is no picture of this page."],
  tables: ["表格", "Tables"],
  pictures: ["图片", "Pictures"],
  headings: ["标题", "Headings"],
  "no-facts": ["没有数据。", "No figures."],
  drop: ["把研报文件拖到这里，或", "Drop report files here, or"],
  choose: ["选择文件", "Choose files"],
  uploading: ["正在上传 {0} 个文件…", "Uploading {0} files…"],
  job: ["已处理 {0} / {1}", "{0} of {1} done"],
  "job-done": ["全部处理完。", "All done."],
  indexed: ["已收录", "indexed"],
  quarantined: ["未收录", "not indexed"],
  queued: ["等待中", "waiting"],
  running: ["处理中", "under way"],
  done: ["完成", "done"],
  failed: ["失败", "failed"],
  title: ["标题", "Title"],
  date: ["日期", "Date"],
  rating: ["评级", "Rating"],
  analysts: ["分析师", "Analysts"],
  state: ["状态", "State"],
  file: ["文件", "File"],
  find: ["查找研报", "Find reports"],
  remove: ["删除", "Delete"],
  "sure-remove": ["删除《{0}》？", "Delete {0}?"],
  none: ["还没有研报。", "No reports yet."],
  "not-saved": ["还没有关注的问题。在回答下面点“关注此问题”。", "Nothing saved yet. Use “Save question” under an answer."],
  changed: ["有变化：{0}", "Changed: {0}"],
  "no-change": ["没有变化", "no change"],
};

const chosen = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem("yanbao-lang");
export const english = chosen === "en";

export function t(name, ...given) {
  const words = WORDS[name]?.[english ? 1 : 0] ?? String(name);
  return words.replace(/\{(\d)\}/g, (_, number) => given[Number(number)] ?? "");
}

// A value with its unit, which some cells state themselves (13.06元).
export function valued(value, unit) {
  const said = value || t("empty");
  return unit && !said.endsWith(unit) ? `${said} ${unit}` : said;
}

export function switchLanguage() {
  localStorage.setItem("yanbao-lang", english ? "zh" : "en");
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  location.assign(address);
}

// Puts the words of the language into the HTML that came in Chinese.
export function translatePage() {
  if (!english) return;
  document.documentElement.lang = "en";
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
  }
  for (const node of document.querySelectorAll("[data-t-placeholder]")) {
    node.placeholder = t(node.dataset.tPlaceholder);
  }
}
